package io.tombolo.gateway;

import io.tombolo.host.CommandFailedException;
import io.tombolo.host.CommandRunner;
import io.tombolo.host.PosixSpawnRunner;
import io.tombolo.host.RpFilter;
import io.tombolo.host.StateDirectory;
import io.tombolo.plan.firewall.Exposure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** One of several gateways of a cluster ({@link SlotWorld}), in a process and namespace of its own. */
public final class SlotProcess {
    private SlotProcess() {}

    /**
     * @param args file of keys, cluster, slot, age in seconds at which a pre-shared key is followed by another, number of
     *     the command that it dies after or 0. While a file {@code cordon-CLUSTER-SLOT} stands beside the first the node is
     *     cordoned. Told to stop, it leaves as the role does.
     */
    public static void main(String[] args) throws Exception {
        Path file = Path.of(args[0]);
        String cluster = args[1];
        int slot = Integer.parseInt(args[2]);
        String node = SlotWorld.NODES.get(slot);
        Path cordon = file.resolveSibling("cordon-" + cluster + "-" + slot);
        StateDirectory state = StateDirectory.open(file.resolveSibling(cluster + "-" + node));
        CommandRunner runner = new Mortal(PosixSpawnRunner.create(), new AtomicInteger(Integer.parseInt(args[4])));
        DataPlane plane = new DataPlane(runner, RpFilter::loosen, state, Clock.systemUTC(), slot, node);
        SlotWorld world = SlotWorld.read(file);
        SlotStatus status = new SlotStatus(file.resolveSibling("status-" + cluster), cluster);
        AtomicReference<Gateway> self = new AtomicReference<>();
        String[] last = {""};
        Gateway gateway = new Gateway(
                slot,
                plane,
                state,
                () -> Optional.of(world.of(
                        cluster,
                        size(file, cluster),
                        Files.exists(cordon) ? Set.of(node) : Set.of(),
                        SlotWorld.isLinked(file, cluster) ? Optional.of(status.read()) : Optional.empty())),
                _ -> Exposure.NOTHING,
                pass -> {
                    Optional.ofNullable(self.get())
                            .ifPresent(of -> status.write(of.announcements().accepted()));
                    StringBuilder line = new StringBuilder("ready=" + pass.ready());
                    pass.paths().forEach((key, path) -> line.append(' ')
                            .append(key.slot())
                            .append('=')
                            .append(path.state().getClass().getSimpleName()));
                    if (!line.toString().equals(last[0])) {
                        last[0] = line.toString();
                        System.out.println(last[0]);
                    }
                },
                Duration.ofSeconds(Long.parseLong(args[3])));
        self.set(gateway);
        gateway.start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> leave(gateway)));
        try (WatchService changes = file.getFileSystem().newWatchService()) {
            file.resolveSibling(".")
                    .register(changes, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_DELETE);
            while (true) {
                gateway.trigger();
                WatchKey key = changes.take();
                key.pollEvents();
                key.reset();
            }
        }
    }

    /** At the end of its last command the process is gone, as if killed. */
    private record Mortal(CommandRunner runner, AtomicInteger left) implements CommandRunner {
        @Override
        public String run(List<String> argv, String stdin) throws CommandFailedException {
            try {
                return runner.run(argv, stdin);
            } finally {
                if (left.decrementAndGet() == 0) {
                    Runtime.getRuntime().halt(1);
                }
            }
        }

        @Override
        public boolean started(int pid) {
            return runner.started(pid);
        }
    }

    private static SlotWorld.Size size(Path keys, String cluster) {
        try {
            return SlotWorld.Size.read(keys, cluster);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void leave(Gateway gateway) {
        try {
            gateway.leave();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
