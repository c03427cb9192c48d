package io.tombolo.gateway;

import io.tombolo.host.PosixSpawnRunner;
import io.tombolo.host.RpFilter;
import io.tombolo.host.StateDirectory;
import io.tombolo.net.Addresses;
import io.tombolo.net.Cidr;
import io.tombolo.net.ClusterId;
import io.tombolo.net.Endpoint;
import io.tombolo.net.IdentityKey;
import io.tombolo.net.PrivateKey;
import io.tombolo.net.PublicKey;
import io.tombolo.plan.firewall.Exposure;
import io.tombolo.plan.tunnel.LinkView;
import io.tombolo.plan.tunnel.LocalView;
import io.tombolo.probe.Prober;
import io.tombolo.trust.SignedAnnouncement;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A gateway in a process and namespace of its own. Its world is a properties file that is read again in every pass; what
 * it sees is printed, one line per change.
 */
public final class GatewayProcess {
    private GatewayProcess() {}

    /** @param args properties file, state directory, age in seconds at which a pre-shared key is followed by another */
    public static void main(String[] args) throws Exception {
        Path file = Path.of(args[0]);
        StateDirectory state = StateDirectory.open(Path.of(args[1]));
        World first = read(file);
        DataPlane plane = new DataPlane(
                PosixSpawnRunner.create(),
                RpFilter::loosen,
                state,
                Clock.systemUTC(),
                0,
                first.local().nodes().getFirst().name());
        String[] last = {""};
        Duration renewal = Duration.ofSeconds(Long.parseLong(args[2]));
        Consumer<Pass> print = pass -> {
            StringBuilder line = new StringBuilder("ready=" + pass.ready());
            pass.paths().forEach((key, path) -> {
                line.append(' ').append(key.peer()).append('=').append(name(path));
                path.mtu().ifPresent(mtu -> line.append(' ')
                        .append(key.peer())
                        .append(".mtu=")
                        .append(mtu));
            });
            pass.refusals().forEach((peer, finding) -> line.append(" refused=")
                    .append(finding.problem())
                    .append(" ")
                    .append(finding.text()));
            pass.findings().forEach(finding -> line.append(" finding=")
                    .append(finding.problem())
                    .append(" ")
                    .append(finding.text()));
            if (!line.toString().equals(last[0])) {
                last[0] = line.toString();
                System.out.println(last[0]);
            }
        };
        Gateway gateway =
                new Gateway(0, plane, state, () -> Optional.of(read(file)), _ -> Exposure.NOTHING, print, renewal);
        gateway.start();
        // as an informer would tell: a pass costs a dozen processes, and none is needed where nothing has changed
        try (WatchService written = file.getFileSystem().newWatchService()) {
            file.resolveSibling(".").register(written, StandardWatchEventKinds.ENTRY_CREATE);
            while (true) {
                gateway.trigger();
                WatchKey key = written.take();
                key.pollEvents();
                key.reset();
            }
        }
    }

    private static String name(Prober.Path path) {
        return path.state().getClass().getSimpleName();
    }

    static World read(Path file) {
        Properties p = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            p.load(reader);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        PrivateKey door = PrivateKey.parse(p.getProperty("door"));
        PrivateKey lane = PrivateKey.parse(p.getProperty("lane"));
        String underlay = p.getProperty("underlay");
        Cidr pods = Cidr.parse(p.getProperty("pods"));
        LocalView local = new LocalView(
                new ClusterId(p.getProperty("id")),
                IdentityKey.parse(p.getProperty("identity")),
                TwoClusters.PORT,
                List.of(new LocalView.Gateway(
                        0,
                        door.publicKey(),
                        lane.publicKey(),
                        Integer.parseInt(p.getProperty("generation")),
                        List.of(new Endpoint(Addresses.parse(underlay), TwoClusters.PORT)))),
                List.of(new LocalView.Node(p.getProperty("id") + "-n1", Addresses.parse(underlay), List.of(pods))),
                List.of(pods),
                List.of(),
                List.of(),
                List.of());
        return new World(
                local,
                p.getProperty("peer") == null ? List.of() : List.of(link(p)),
                Map.of(),
                Map.of(door.publicKey(), door, lane.publicKey(), lane),
                Map.of(),
                Set.of(),
                Optional.of(new World.OurAnnouncement(
                        new SignedAnnouncement(bytes(p, "announcement"), bytes(p, "signature")),
                        Long.parseLong(p.getProperty("sequence")))));
    }

    private static LinkView link(Properties p) {
        return new LinkView(
                new ClusterId(p.getProperty("peer")),
                Instant.EPOCH,
                "uid",
                Arrays.stream(p.getProperty("peer.identities").split(" "))
                        .map(IdentityKey::parse)
                        .toList(),
                List.of(new LinkView.PinnedGateway(
                        0,
                        PublicKey.parse(p.getProperty("peer.door")),
                        Optional.of(new Endpoint(Addresses.parse(p.getProperty("peer.underlay")), TwoClusters.PORT)))),
                List.of(),
                LinkView.Access.ALL_PODS,
                Boolean.parseBoolean(p.getProperty("peer.lacksPresharedKey")),
                Optional.empty());
    }

    private static byte[] bytes(Properties p, String key) {
        return Base64.getDecoder().decode(p.getProperty(key));
    }
}
