package io.tombolo.node;

import static io.tombolo.node.NodeMachines.cable;
import static io.tombolo.node.NodeMachines.seenBy;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tombolo.host.CommandFailedException;
import io.tombolo.host.NetworkNamespace;
import io.tombolo.host.PosixSpawnRunner;
import io.tombolo.host.StateDirectory;
import io.tombolo.problem.Finding;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A worker node with a pod, a gateway node, and the remote side behind it, as network namespaces: real nft, ip, VXLAN. The
 * lane is a veth pair named tb0; everything the worker sends is masqueraded by a rule like the common CNIs'.
 */
class NodePlaneTest {
    private static final String NETWORK = "{\"version\":1,\"clusterId\":\"west\",\"podCidrs\":[\"10.42.0.0/16\"],"
            + "\"gateways\":[{\"slot\":0,\"node\":\"gw\",\"address\":\"192.0.2.1\"}],"
            + "\"nodes\":[{\"name\":\"gw\",\"address\":\"192.0.2.1\",\"podCidrs\":[\"10.42.0.0/24\"]},"
            + "{\"name\":\"worker\",\"address\":\"192.0.2.2\",\"podCidrs\":[\"10.42.1.0/24\"]}],"
            + "\"peers\":[{\"clusterId\":\"east\",\"prefixes\":[\"10.52.0.0/16\"],\"allPods\":false}]}";
    private static final String EXPORTS = "UDP 9000 10.42.1.5\n";

    private NetworkNamespace gateway;
    private NetworkNamespace worker;
    private NetworkNamespace pod;
    private NetworkNamespace remote;
    private NodePlane plane;
    private final Path directory;

    @SuppressWarnings("NullAway.Init") // JUnit calls makeMachines first
    NodePlaneTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @BeforeEach
    void makeMachines() throws Exception {
        gateway = NetworkNamespace.create("nd-gw");
        worker = NetworkNamespace.create("nd-wk");
        pod = NetworkNamespace.create("nd-pod");
        remote = NetworkNamespace.create("nd-rem");
        cable(gateway, "eth0", "192.0.2.1/24", worker, "eth0", "192.0.2.2/24");
        cable(worker, "cni0", "10.42.1.1/24", pod, "eth0", "10.42.1.5/24");
        cable(gateway, "tb0", "10.42.0.0/32", remote, "eth0", "10.52.0.9/16");
        pod.run("ip", "route", "add", "default", "via", "10.42.1.1");
        worker.run("ip", "route", "add", "default", "via", "192.0.2.1");
        remote.run("ip", "route", "add", "10.42.0.0/16", "via", "10.42.0.0", "dev", "eth0", "onlink");
        for (NetworkNamespace machine : List.of(gateway, worker)) {
            for (String setting : List.of("ip_forward=1", "conf.all.rp_filter=1", "conf.eth0.rp_filter=1")) {
                machine.run("sysctl", "-qw", "net.ipv4." + setting);
            }
        }
        // the gateway's node agent, and the gateway role's routes by hand
        Handed handed = Handed.parse(NETWORK, "");
        assertTrue(
                gateway.within(() -> plane("gw").apply(handed, Map::of, true)).ready());
        gateway.run("sysctl", "-qw", "net.ipv4.conf.tb0.rp_filter=2");
        gateway.run(List.of("ip", "-batch", "-"), """
                route add 10.52.0.0/16 dev tb0 table 7410
                route add 10.42.1.0/24 encap ip id 7 dst 192.0.2.2 ttl 64 dev tbvx table 7411
                rule add priority 740 iif tb0 lookup 7411
                rule add priority 742 iif tbvx to 10.52.0.0/16 lookup 7410
                """);
        worker.run(List.of("nft", "-f", "-"), """
                table ip cni {
                    chain post {
                        type nat hook postrouting priority srcnat; policy accept;
                        masquerade
                    }
                }
                """);
        plane = worker.within(() -> plane("worker"));
    }

    private NodePlane plane(String node) throws IOException {
        return new NodePlane(node, PosixSpawnRunner.create(), StateDirectory.open(directory.resolve(node)));
    }

    @AfterEach
    void removeMachines() throws Exception {
        for (NetworkNamespace machine : List.of(pod, remote, worker, gateway)) {
            machine.close();
        }
    }

    private NodePlane.Outcome apply(String exports) throws Exception {
        Handed handed = Handed.parse(NETWORK, exports);
        NodePlane.Outcome outcome = worker.within(() -> plane.apply(handed, Map::of, true));
        assertEquals(List.of(), outcome.findings());
        return outcome;
    }

    @Test
    void aPodReachesTheRemoteSideUnderItsOwnAddressDespiteMasquerade() throws Exception {
        assertTrue(apply(EXPORTS).ready());
        assertEquals("10.42.1.5", seenBy(remote, "10.52.0.9", 7000, pod));
    }

    @Test
    void aProcessOfTheNodeIsSeenAsTheNetworkAddressOfItsPodRange() throws Exception {
        apply(EXPORTS);
        assertEquals("10.42.1.0", seenBy(remote, "10.52.0.9", 7000, worker));
    }

    @Test
    void aProcessOfTheGatewaysNodeLeavesByTheLaneAsItsPodRangesNetworkAddress() throws Exception {
        assertEquals("10.42.0.0", seenBy(remote, "10.52.0.9", 7000, gateway));
    }

    @Test
    void theRemoteSideReachesWhatIsExportedUnderItsOwnAddress() throws Exception {
        apply(EXPORTS);
        assertEquals("10.52.0.9", seenBy(pod, "10.42.1.5", 9000, remote));
    }

    private NodePlane.Outcome applyAliased(String exports) throws Exception {
        String network = NETWORK.replace(
                "\"gateways\"", "\"aliases\":[{\"cidr\":\"10.42.0.0/16\",\"alias\":\"100.66.0.0/16\"}],\"gateways\"");
        // the gateway role's routes under the alias
        gateway.run(
                "ip",
                "route",
                "replace",
                "100.66.1.0/24",
                "encap",
                "ip",
                "id",
                "7",
                "dst",
                "192.0.2.2",
                "ttl",
                "64",
                "dev",
                "tbvx",
                "table",
                "7411");
        remote.run("ip", "route", "replace", "100.66.0.0/16", "via", "10.42.0.0", "dev", "eth0", "onlink");
        Handed handed = Handed.parse(network, exports);
        gateway.within(() -> plane("gw").apply(handed, Map::of, true));
        NodePlane.Outcome outcome = worker.within(() -> plane.apply(handed, Map::of, true));
        assertEquals(List.of(), outcome.findings());
        return outcome;
    }

    @Test
    void withAnAliasPodsAndProcessesAreSeenByItAndReachedByItWhereTheyAreExported() throws Exception {
        applyAliased(EXPORTS);
        assertEquals("100.66.1.5", seenBy(remote, "10.52.0.9", 7000, pod));
        assertEquals("100.66.1.0", seenBy(remote, "10.52.0.9", 7000, worker));
        assertEquals("10.52.0.9", seenBy(pod, "10.42.1.5", "100.66.1.5", 9000, remote));
        assertThrows(SocketTimeoutException.class, () -> seenBy(pod, "10.42.1.5", "100.66.1.5", 9001, remote));
        assertTrue(worker.run("nft", "list", "counter", "inet", "tombolo_node", "not_exported")
                .contains("packets 1 "));
        assertEquals(List.of(), applyAliased(EXPORTS).changes());
    }

    @Test
    void anAliasOfAnIpv6RangeIsProgrammedAsThatOfAnIpv4Range() throws Exception {
        String both = NETWORK.replace("\"10.42.0.0/16\"", "\"10.42.0.0/16\",\"fd42::/48\"")
                .replace("\"10.42.1.0/24\"", "\"10.42.1.0/24\",\"fd42:0:0:1::/64\"")
                .replace("\"10.52.0.0/16\"", "\"10.52.0.0/16\",\"fd52::/48\"")
                .replace("\"gateways\"", "\"aliases\":[{\"cidr\":\"fd42::/48\",\"alias\":\"fd66::/48\"}],\"gateways\"");
        Handed handed = Handed.parse(both, "TCP 80 fd42:0:0:1::5\n");
        assertTrue(worker.within(() -> plane.apply(handed, Map::of, true)).ready());
        assertEquals(
                List.of(),
                worker.within(() -> plane.apply(handed, Map::of, true)).changes());
        String table = worker.run("nft", "list", "table", "inet", "tombolo_node");
        assertTrue(table.contains("dnat ip6 prefix to fd42:0:0:1::/64"), table);
        assertTrue(table.contains("snat ip6 prefix to fd66:0:0:1::/64"), table);
        assertTrue(table.contains("fd66:0:0:1::5 . tcp . 80"), table);
    }

    @Test
    void theAliasOfAnAddressOfTheNodeLeadsToNoPortOfTheNode() throws Exception {
        applyAliased("UDP 9000 10.42.1.1\n");
        assertThrows(SocketTimeoutException.class, () -> seenBy(worker, "10.42.1.1", "100.66.1.1", 9000, remote));
        assertTrue(worker.run("nft", "list", "counter", "inet", "tombolo_node", "to_node")
                .contains("packets 1 "));
    }

    @Test
    void whatConntrackDoesNotKnowDoesNotLeaveUnderThePodsOwnAddress() throws Exception {
        applyAliased(EXPORTS);
        worker.run(List.of("nft", "-f", "-"), """
                table ip lost {
                    chain in {
                        type filter hook prerouting priority raw; policy accept;
                        iifname "cni0" notrack
                    }
                }
                """);
        assertThrows(SocketTimeoutException.class, () -> seenBy(remote, "10.52.0.9", 7000, pod));
        assertTrue(worker.run("nft", "list", "counter", "inet", "tombolo_node", "leak")
                .contains("packets 1 "));
    }

    @Test
    void whatIsNotExportedIsRefusedAndCounted() throws Exception {
        apply(EXPORTS);
        assertThrows(SocketTimeoutException.class, () -> seenBy(pod, "10.42.1.5", 9001, remote));
        assertTrue(worker.run("nft", "list", "counter", "inet", "tombolo_node", "not_exported")
                .contains("packets 1 "));
    }

    @Test
    void theNodesOwnPortsAreClosedToTheRemoteSide() throws Exception {
        apply("UDP 9000 10.42.1.1,10.42.1.5\n");
        assertThrows(SocketTimeoutException.class, () -> seenBy(worker, "10.42.1.1", 9000, remote));
    }

    @Test
    void anExportIsAddedWithoutReplacingTheTable() throws Exception {
        apply("");
        NodePlane.Outcome outcome = apply(EXPORTS);
        assertEquals(List.of("elements of inet tombolo_node updated"), outcome.changes());
        assertEquals("10.52.0.9", seenBy(pod, "10.42.1.5", 9000, remote));
    }

    @Test
    void applyingTwiceChangesNothing() throws Exception {
        assertFalse(apply(EXPORTS).changes().isEmpty());
        assertEquals(List.of(), apply(EXPORTS).changes());
    }

    @Test
    void anAgentThatStartsAgainFindsNothingToDo() throws Exception {
        apply(EXPORTS);
        plane = worker.within(() -> plane("worker"));
        assertEquals(List.of(), apply(EXPORTS).changes());
    }

    @Test
    void anAgentThatStartsAgainMendsWhatWasChangedMeanwhile() throws Exception {
        apply(EXPORTS);
        worker.run("nft", "flush", "chain", "inet", "tombolo_node", "source");
        plane = worker.within(() -> plane("worker"));
        assertEquals(List.of("table inet tombolo_node applied"), apply(EXPORTS).changes());
        assertEquals(List.of(), apply(EXPORTS).changes());
    }

    @Test
    void nothingLeavesInPlainTextWhenTheDeviceIsGoneNorWhenTheTableIsNorWhenTheRulesAre() throws Exception {
        apply(EXPORTS);
        gateway.run(List.of("nft", "-f", "-"), """
                table ip wan {
                    counter plain {
                    }
                    chain in {
                        type filter hook prerouting priority -300; policy accept;
                        iifname "eth0" ip daddr 10.52.0.0/16 counter name plain
                    }
                }
                """);
        worker.run("ip", "link", "del", "tbvx");
        assertThrows(Exception.class, () -> seenBy(remote, "10.52.0.9", 7000, pod));
        assertThrows(Exception.class, () -> seenBy(remote, "10.52.0.9", 7000, worker));
        worker.run("ip", "route", "flush", "table", "7412");
        assertThrows(Exception.class, () -> seenBy(remote, "10.52.0.9", 7000, pod));
        worker.run("ip", "rule", "flush");
        worker.run("ip", "rule", "add", "priority", "32766", "lookup", "main");
        worker.run("ip", "rule", "add", "priority", "0", "lookup", "local");
        assertThrows(Exception.class, () -> seenBy(remote, "10.52.0.9", 7000, pod));
        assertTrue(gateway.run("nft", "list", "counter", "ip", "wan", "plain").contains("packets 0 "));
    }

    @Test
    void healsWhateverSomebodyTookAway() throws Exception {
        apply(EXPORTS);
        String wanted = kernel();
        worker.run("ip", "link", "del", "tbvx");
        worker.run("ip", "rule", "del", "priority", "749");
        worker.run("nft", "delete", "table", "inet", "tombolo_node");
        Handed handed = Handed.parse(NETWORK, EXPORTS);
        NodePlane.Outcome outcome = worker.within(() -> plane.apply(handed, Map::of, true));
        assertTrue(outcome.ready());
        assertEquals(wanted, kernel());
        assertEquals(
                List.of("put right since this agent started: 1 interface, 1 route, 1 rule, 1 nftables table"),
                outcome.findings().stream().map(Finding::message).toList());
    }

    @Test
    void removalLeavesTheNodeAsItWas() throws Exception {
        String before = kernel();
        apply(EXPORTS);
        assertEquals(List.of(), worker.within(() -> plane.remove()));
        assertEquals(before, kernel());
        assertEquals(List.of(), worker.within(() -> plane.remove()), "and removing twice is no error");
    }

    /** Everything we may touch, without counters and indexes. */
    private String kernel() throws CommandFailedException {
        StringBuilder text = new StringBuilder();
        for (String family : List.of("-4", "-6")) {
            text.append(worker.run("ip", family, "rule", "show"));
            worker.run("ip", family, "route", "show", "table", "all")
                    .lines()
                    // link-local routes come when duplicate address detection ends, whatever we do
                    .filter(line -> family.equals("-4") || !line.contains("proto kernel"))
                    .sorted()
                    .forEach(line -> text.append(line).append('\n'));
        }
        text.append(worker.run("ip", "-br", "link").replaceAll("@\\S+", ""));
        text.append(worker.run("nft", "-s", "list", "ruleset"));
        return text.append(worker.run("sh", "-c", "cd /proc/sys/net/ipv4/conf && grep . */rp_filter"))
                .toString();
    }
}
