package io.tombolo.node;

import static io.tombolo.node.NodeMachines.cable;
import static io.tombolo.node.NodeMachines.seenBy;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tombolo.host.NetworkNamespace;
import io.tombolo.host.PosixSpawnRunner;
import io.tombolo.host.StateDirectory;
import io.tombolo.net.Addresses;
import io.tombolo.net.Cidr;
import io.tombolo.plan.route.Route;
import io.tombolo.plan.route.RouteNumbers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** As {@link NodePlaneTest}, in a cluster that has IPv6 alone: its nodes speak VXLAN over it, too. */
final class NodePlaneIpv6Test {
    private static final String NETWORK = "{\"version\":1,\"clusterId\":\"west\",\"podCidrs\":[\"fd42::/48\"],"
            + "\"gateways\":[{\"slot\":0,\"node\":\"gw\",\"address\":\"fd00:192::1\"}],"
            + "\"nodes\":[{\"name\":\"gw\",\"address\":\"fd00:192::1\",\"podCidrs\":[\"fd42::/64\"]},"
            + "{\"name\":\"worker\",\"address\":\"fd00:192::2\",\"podCidrs\":[\"fd42:0:0:1::/64\"]}],"
            + "\"peers\":[{\"clusterId\":\"east\",\"prefixes\":[\"fd52::/48\"],\"allPods\":false}]}";
    private static final String EXPORTS = "UDP 9000 fd42:0:0:1::5\n";

    private final NetworkNamespace gateway = NetworkNamespace.create("n6-gw");
    private final NetworkNamespace worker = NetworkNamespace.create("n6-wk");
    private final NetworkNamespace pod = NetworkNamespace.create("n6-pod");
    private final NetworkNamespace remote = NetworkNamespace.create("n6-rem");
    private final Path directory;

    NodePlaneIpv6Test(@TempDir Path directory) throws Exception {
        this.directory = directory;
    }

    @BeforeEach
    void connect() throws Exception {
        for (NetworkNamespace machine : List.of(gateway, worker, pod, remote)) {
            // for a second nobody asks for neighbours under an address that may be somebody else's
            machine.run("sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0", "net.ipv6.conf.all.forwarding=1");
        }
        cable(gateway, "eth0", "fd00:192::1/64", worker, "eth0", "fd00:192::2/64");
        cable(worker, "cni0", "fd42:0:0:1::1/64", pod, "eth0", "fd42:0:0:1::5/64");
        cable(gateway, "tb0", "fd42::/128", remote, "eth0", "fd52::9/48");
        pod.run("ip", "route", "add", "::/0", "via", "fd42:0:0:1::1");
        worker.run("ip", "route", "add", "::/0", "via", "fd00:192::1");
        remote.run("ip", "route", "add", "fd42::/48", "via", "fd42::", "dev", "eth0", "onlink");
        // nobody asks for neighbours in a lane
        knows(gateway, "tb0", "fd52::9", remote, "eth0");
        knows(remote, "eth0", "fd42::", gateway, "tb0");
        assertTrue(apply(gateway, "gw").ready());
        // the gateway role's, by hand
        Route back = new Route(
                RouteNumbers.INWARD_TABLE,
                Cidr.parse("fd42:0:0:1::/64"),
                new Route.ViaVxlan(Addresses.parse("fd00:192::2"), RouteNumbers.VXLAN_DEVICE),
                0);
        gateway.run(List.of("ip", "-6", "-batch", "-"), """
                route add fd52::/48 dev tb0 table 7410
                %s
                rule add priority 740 iif tb0 lookup 7411
                rule add priority 742 iif tbvx to fd52::/48 lookup 7410
                """.formatted(back.addition()));
    }

    private static void knows(
            NetworkNamespace machine, String device, String address, NetworkNamespace neighbour, String its)
            throws Exception {
        String there = neighbour.run("ip", "-o", "link", "show", its);
        String hardware = there.replaceAll("(?s).*link/ether (\\S+).*", "$1");
        machine.run("ip", "neigh", "add", address, "lladdr", hardware, "dev", device, "nud", "permanent");
    }

    @AfterEach
    void remove() throws Exception {
        for (NetworkNamespace machine : List.of(pod, remote, worker, gateway)) {
            machine.close();
        }
    }

    private NodePlane.Outcome apply(NetworkNamespace machine, String node) throws Exception {
        Handed handed = Handed.parse(NETWORK, EXPORTS);
        return machine.within(
                () -> new NodePlane(node, PosixSpawnRunner.create(), StateDirectory.open(directory.resolve(node)))
                        .apply(handed, Map::of, true));
    }

    @Test
    void podsReachTheRemoteSideAndAreReachedUnderTheirOwnAddresses() throws Exception {
        assertTrue(apply(worker, "worker").ready());
        assertEquals("fd42:0:0:1:0:0:0:5", seenBy(remote, "fd52::9", 7000, pod));
        assertEquals("fd42:0:0:1:0:0:0:0", seenBy(remote, "fd52::9", 7000, worker));
        assertEquals("fd52:0:0:0:0:0:0:9", seenBy(pod, "fd42:0:0:1::5", 9000, remote));
        assertEquals(List.of(), apply(worker, "worker").changes());
    }
}
