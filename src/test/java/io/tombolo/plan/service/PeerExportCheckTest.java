package io.tombolo.plan.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tombolo.net.Addresses;
import io.tombolo.net.Cidr;
import io.tombolo.net.ClusterId;
import io.tombolo.net.Endpoint;
import io.tombolo.net.IdentityKey;
import io.tombolo.net.NamespacedName;
import io.tombolo.net.PublicKey;
import io.tombolo.net.Transport;
import io.tombolo.net.TunnelAddress;
import io.tombolo.plan.service.ExportedService.EndpointGroup;
import io.tombolo.plan.service.ExportedService.EndpointPort;
import io.tombolo.plan.service.ExportedService.SessionAffinity;
import io.tombolo.plan.tunnel.LinkView;
import io.tombolo.plan.tunnel.LocalView;
import io.tombolo.plan.tunnel.Peer;
import io.tombolo.plan.tunnel.Territory;
import io.tombolo.plan.tunnel.Topology;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What of a peer's export is taken (bad-input rows 57, 59-65, 67, 69; T4, T5). */
class PeerExportCheckTest {
    private static final ClusterId EAST = new ClusterId("east");
    private static final String SOUND = "10.52.0.7";
    private static final String LONG = "a".repeat(63);
    private static final Territory TERRITORY = territory();

    /** Each beside a sound endpoint, which stays. */
    @ParameterizedTest
    @CsvSource(textBlock = """
            10.42.0.9,            EndpointForbidden,  10.42.0.0/16 (this cluster's pods)
            10.42.255.254,        EndpointForbidden,  10.42.0.0/16 (this cluster's pods)
            fd42::9,              EndpointForbidden,  fd42::/48 (this cluster's pods)
            10.96.0.1,            EndpointForbidden,  10.96.0.0/12 (this cluster's services)
            10.96.0.10,           EndpointForbidden,  10.96.0.0/12 (this cluster's services)
            10.111.255.254,       EndpointForbidden,  10.96.0.0/12 (this cluster's services)
            fd96::1,              EndpointForbidden,  fd96::/108 (this cluster's services)
            192.168.1.11,         EndpointForbidden,  192.168.1.11/32 (node n11)
            192.168.1.12,         EndpointForbidden,  192.168.1.12/32 (node n12)
            192.168.1.5,          EndpointForbidden,  192.168.1.5/32 (the API server or DNS of this cluster)
            fd19::5,              EndpointForbidden,  fd19::5/128 (the API server or DNS of this cluster)
            203.0.113.1,          EndpointForbidden,  203.0.113.1/32 (this cluster's gateway 0)
            198.51.100.2,         EndpointForbidden,  a gateway of east
            198.51.100.3,         EndpointForbidden,  a gateway of north
            172.17.0.2,           EndpointForbidden,  172.17.0.0/16 (spec.network.protectedCIDRs)
            127.0.0.1,            EndpointForbidden,  127.0.0.0/8 (loopback)
            127.255.255.254,      EndpointForbidden,  127.0.0.0/8 (loopback)
            ::1,                  EndpointForbidden,  ::/8
            ::,                   EndpointForbidden,  ::/8
            0.0.0.0,              EndpointForbidden,  0.0.0.0/8
            169.254.169.254,      EndpointForbidden,  169.254.0.0/16 (link-local and cloud metadata)
            169.254.1.1,          EndpointForbidden,  169.254.0.0/16
            fe80::1,              EndpointForbidden,  fe80::/10
            fec0::1,              EndpointForbidden,  fec0::/10
            100.100.100.200,      EndpointForbidden,  100.100.100.200/32 (cloud metadata)
            168.63.129.16,        EndpointForbidden,  168.63.129.16/32 (cloud metadata)
            fd00:ec2::254,        EndpointForbidden,  fd00:ec2::/32 (cloud metadata)
            fd20:ce::254,         EndpointForbidden,  fd20:ce::254/128 (cloud metadata)
            224.0.0.1,            EndpointForbidden,  224.0.0.0/4 (multicast)
            239.255.255.250,      EndpointForbidden,  224.0.0.0/4
            ff02::1,              EndpointForbidden,  ff00::/8
            240.0.0.1,            EndpointForbidden,  240.0.0.0/4
            255.255.255.255,      EndpointForbidden,  240.0.0.0/4
            192.0.0.8,            EndpointForbidden,  192.0.0.0/24
            64:ff9b::a34:7,       EndpointForbidden,  ::/8
            2002:a34:7::1,        EndpointForbidden,  2002::/16
            2001::a34:7,          EndpointForbidden,  2001::/32
            10.53.0.1,            EndpointConflict,   the prefixes of north
            fd53::1,              EndpointConflict,   the prefixes of north
            10.52.0.0,            EndpointForbidden,  the first or last of a prefix
            10.52.255.255,        EndpointForbidden,  the first or last of a prefix
            fd52::,               EndpointForbidden,  the first or last of a prefix
            10.54.0.1,            EndpointOutOfRange, outside the peer's prefixes
            10.51.255.255,        EndpointOutOfRange, outside the peer's prefixes
            8.8.8.8,              EndpointOutOfRange, outside the peer's prefixes
            2001:db8::1,          EndpointOutOfRange, outside the peer's prefixes
            fd52:0:1::1,          EndpointOutOfRange, outside the peer's prefixes
            """)
    void leavesOutAnEndpointThatCannotBeThePeersPod(String address, String reason, String why) {
        PeerExportCheck.Accepted accepted = check(false, SOUND, address);
        assertEquals(List.of(SOUND), addresses(accepted));
        Finding finding = accepted.findings().getFirst();
        assertEquals(reason, finding.problem().reason());
        assertTrue(finding.text().startsWith("endpoints: shop/web: endpoint " + address + " "), finding::text);
        assertTrue(finding.text().contains(why), finding::text);
        assertEquals(1, accepted.findings().size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.52.0.1", "10.52.255.254", "10.52.3.0", "10.52.3.255", "fd52::1", "fd52:0:0:ffff::1"})
    void takesEveryAddressInsideThePeersPrefixes(String address) {
        PeerExportCheck.Accepted accepted = check(false, address);
        assertEquals(List.of(address), addresses(accepted));
        assertEquals(List.of(), accepted.findings());
    }

    @Test
    void ofManyFaultsItNamesTheFirstAndHowManyThereAre() {
        assertEquals(
                List.of(
                        "endpoints: shop/web: endpoint 10.42.0.1 lies in 10.42.0.0/16 (this cluster's pods), and 2 more"),
                check(false, "10.42.0.1", "10.42.0.2", "10.42.0.3").findings().stream()
                        .map(Finding::text)
                        .toList());
    }

    @Test
    void row59TwoPodsCannotHaveOneHostname() {
        PeerExportCheck.Accepted accepted =
                check(true, "10.52.0.7 web-0", "10.52.0.8 web-0", "10.52.0.9 web-1", "fd52::7 web-0");
        assertEquals(List.of("10.52.0.7", "10.52.0.9", "fd52::7"), addresses(accepted));
        assertEquals(
                "endpoints: shop/web: endpoint 10.52.0.8 repeats hostname web-0 of 10.52.0.7",
                accepted.findings().getFirst().text());
        assertEquals(Problem.HOSTNAME_INVALID, accepted.findings().getFirst().problem());
    }

    @Test
    void row57AnEndpointWhoseNameWouldBeTooLongIsCalledByItsAddress() {
        ExportedService service =
                service(new NamespacedName(LONG, LONG), true, Map.of(), "10.56.0.7 " + LONG, "10.56.0.8 web-0");
        PeerExportCheck.Accepted accepted = PeerExportCheck.check(service, new ClusterId(LONG), TERRITORY);
        assertEquals(
                List.of(Optional.empty(), Optional.of("web-0")),
                accepted.service().orElseThrow().endpoints().getFirst().endpoints().stream()
                        .map(ExportedService.Endpoint::hostname)
                        .toList());
        assertEquals(
                "NameTooLong endpoints: " + LONG + "/" + LONG + ": endpoint 10.56.0.7 has hostname " + LONG
                        + ", with which its name has 276 characters, not up to 253",
                accepted.findings().getFirst().problem().reason() + " "
                        + accepted.findings().getFirst().text());
    }

    @Test
    void row67LabelsThatSteerControllersAreLeftOutAndCounted() {
        Map<String, String> labels = Map.of(
                "kubernetes.io/service-name", "kubernetes",
                "endpointslice.kubernetes.io/managed-by", "endpointslice-controller.k8s.io",
                "service.kubernetes.io/headless", "",
                "multicluster.kubernetes.io/source-cluster", "west",
                "x.k8s.io/y", "z",
                "tombolo.io/derived", "true",
                "tier", "front",
                "example.org/team", "shop");
        PeerExportCheck.Accepted accepted =
                PeerExportCheck.check(service(Exports.WEB, false, labels, SOUND), EAST, TERRITORY);
        ExportedService taken = accepted.service().orElseThrow();
        assertEquals(Map.of("tier", "front", "example.org/team", "shop"), taken.labels());
        assertEquals(Map.of("tier", "front", "example.org/team", "shop"), taken.annotations());
        Finding finding = accepted.findings().getFirst();
        assertEquals(Problem.LABEL_RESERVED, finding.problem());
        assertTrue(finding.text().endsWith("is left out, and 11 more"), finding::text);
    }

    @ParameterizedTest
    @CsvSource({
        "kube-system,kube-dns",
        "kube-public,x",
        "kube-node-lease,x",
        "tombolo-system,tombolo-dns",
        "default,kubernetes"
    })
    void t5NothingStandsInForAServiceOfTheClusterItself(String namespace, String name) {
        PeerExportCheck.Accepted accepted = PeerExportCheck.check(
                service(new NamespacedName(namespace, name), false, Map.of(), SOUND), EAST, TERRITORY);
        assertEquals(Optional.empty(), accepted.service());
        assertEquals(
                "NamespaceForbidden metadata.namespace: " + namespace + "/" + name
                        + " belongs to the cluster itself and is not shared",
                accepted.findings().getFirst().problem().reason() + " "
                        + accepted.findings().getFirst().text());
    }

    private static PeerExportCheck.Accepted check(boolean headless, String... endpoints) {
        return PeerExportCheck.check(service(Exports.WEB, headless, Map.of(), endpoints), EAST, TERRITORY);
    }

    private static List<String> addresses(PeerExportCheck.Accepted accepted) {
        return accepted.service().orElseThrow().endpoints().stream()
                .flatMap(g -> g.endpoints().stream())
                .map(e -> Addresses.text(e.address()))
                .toList();
    }

    /** @param endpoints each an address, and a hostname behind a space */
    private static ExportedService service(
            NamespacedName name, boolean headless, Map<String, String> labels, String... endpoints) {
        List<EndpointGroup> groups = Stream.of(false, true)
                .map(ipv6 -> new EndpointGroup(
                        ipv6,
                        List.of(new EndpointPort("http", Transport.TCP, 8080, Optional.empty())),
                        Arrays.stream(endpoints)
                                .filter(e -> e.contains(":") == ipv6)
                                .map(PeerExportCheckTest::endpoint)
                                .toList()))
                .toList();
        return new ExportedService(
                name,
                Instant.EPOCH,
                headless,
                List.of(new ExportedService.Port("http", Transport.TCP, 80, Optional.empty())),
                List.of("IPv4", "IPv6"),
                SessionAffinity.NONE,
                OptionalInt.empty(),
                "Cluster",
                Optional.empty(),
                labels,
                labels,
                List.of(),
                groups);
    }

    private static ExportedService.Endpoint endpoint(String text) {
        String[] parts = text.split(" ");
        return new ExportedService.Endpoint(
                Addresses.parse(parts[0]),
                parts.length > 1 ? Optional.of(parts[1]) : Optional.empty(),
                true,
                true,
                false);
    }

    /** West, linked to east (10.52.0.0/16, fd52::/48) and north (10.53.0.0/16, fd53::/48). */
    private static Territory territory() {
        LocalView west = new LocalView(
                new ClusterId("west"),
                identity(1),
                51820,
                List.of(new LocalView.Gateway(
                        0, key(1), key(2), 1, List.of(new Endpoint(Addresses.parse("203.0.113.1"), 51820)))),
                List.of(
                        new LocalView.Node("n11", Addresses.parse("192.168.1.11"), List.of()),
                        new LocalView.Node("n12", Addresses.parse("192.168.1.12"), List.of())),
                cidrs("10.42.0.0/16", "fd42::/48"),
                cidrs("10.96.0.0/12", "fd96::/108"),
                List.of(Addresses.parse("192.168.1.5"), Addresses.parse("fd19::5")),
                cidrs("172.17.0.0/16"));
        Map<ClusterId, Peer> peers = new TreeMap<>();
        for (Peer peer : List.of(peer("east", 2), peer("north", 3), peer(LONG, 6))) {
            peers.put(peer.clusterId(), peer);
        }
        return new Territory(new Topology(west, new TreeMap<>(peers), Map.of()));
    }

    private static Peer peer(String name, int number) {
        return new Peer(
                new ClusterId(name),
                TunnelAddress.of(identity(number)),
                LinkView.Access.EXPORTED_SERVICES,
                List.of(new Peer.Door(
                        0, key(number), Optional.of(new Endpoint(Addresses.parse("198.51.100." + number), 51820)))),
                List.of(),
                cidrs("10.5" + number + ".0.0/16", "fd5" + number + "::/48"));
    }

    private static List<Cidr> cidrs(String... cidrs) {
        return Stream.of(cidrs).map(Cidr::parse).toList();
    }

    private static IdentityKey identity(int number) {
        return IdentityKey.of(bytes(number));
    }

    private static PublicKey key(int number) {
        return PublicKey.of(bytes(number));
    }

    private static byte[] bytes(int number) {
        byte[] bytes = new byte[32];
        bytes[0] = (byte) number;
        bytes[1] = 9;
        return bytes;
    }
}
