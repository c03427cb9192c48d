package io.tombolo.exchange;

import static io.tombolo.exchange.HostilePeer.endpoints;
import static io.tombolo.exchange.HostilePeer.wire;
import static io.tombolo.exchange.Loopback.name;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.tombolo.exchange.wire.Endpoint;
import io.tombolo.exchange.wire.Port;
import io.tombolo.exchange.wire.Service;
import io.tombolo.exchange.wire.ServiceName;
import io.tombolo.net.Addresses;
import io.tombolo.net.NamespacedName;
import io.tombolo.plan.service.ExportedService;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.net.InetAddress;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each fault of what a peer exports: its reason, and that it costs nothing but itself (bad-input rows 49-50, 58-61, 66-68). */
class ExportTableTest {
    private final ExportTable table = new ExportTable("i", 1, HostilePeer.BOUNDS);

    private record Bad(String row, Problem problem, UnaryOperator<Service.Builder> fault) {
        @Override
        public String toString() {
            return row;
        }
    }

    @ParameterizedTest
    @MethodSource
    void leavesOutAServiceOf(Bad bad) {
        table.upsert(wire("web"));
        Service broken = bad.fault.apply(wire("x").toBuilder()).build();
        table.upsert(broken);
        assertEquals(Set.of(name("web")), table.names());
        assertEquals(List.of(bad.problem), problems());
        Finding finding = table.findings().getFirst();
        assertTrue(!finding.field().isEmpty(), finding::text);
        assertTrue(finding.text().chars().allMatch(c -> c >= 0x20), "nothing a log obeys");
        assertTrue(finding.text().length() < 300, finding::text);
    }

    static Stream<Bad> leavesOutAServiceOf() {
        return Stream.of(
                        Stream.of(
                                        "Kubernetes",
                                        "*",
                                        "*.svc",
                                        "kubernetes.default",
                                        "a.b",
                                        "-a",
                                        "a-",
                                        "",
                                        "a.",
                                        "a\u0000b",
                                        "a\nb",
                                        "_x",
                                        "xn--\u00fc",
                                        "a".repeat(64),
                                        "a".repeat(60_000),
                                        "$(id)",
                                        "${jndi:ldap://x}",
                                        "%s%n",
                                        "{{}}",
                                        "--help",
                                        "\u0430bc")
                                .flatMap(name -> Stream.of(
                                        bad(
                                                "58 name " + brief(name),
                                                Problem.SNAPSHOT_REJECTED,
                                                s -> s.setName(wireName("shop", name))),
                                        bad(
                                                "58 namespace " + brief(name),
                                                Problem.SNAPSHOT_REJECTED,
                                                s -> s.setName(wireName(name, "web"))))),
                        IntStream.of(0, 65_536, -1, Integer.MAX_VALUE)
                                .mapToObj(port -> bad(
                                        "49 port " + port,
                                        Problem.PORT_INVALID,
                                        s -> s.setPorts(0, port("http", 6, port)))),
                        Stream.of("HTTP", "-a", "a_b", "a".repeat(64))
                                .map(name -> bad(
                                        "49 name " + brief(name),
                                        Problem.PORT_INVALID,
                                        s -> s.setPorts(0, port(name, 6, 80)))),
                        Stream.of(
                                bad("49 number twice", Problem.PORT_INVALID, s -> s.addPorts(port("b", 6, 80))),
                                bad("49 name twice", Problem.PORT_INVALID, s -> s.addPorts(port("http", 6, 81))),
                                bad("49 second port unnamed", Problem.PORT_INVALID, s -> s.addPorts(port("", 6, 81))),
                                bad("48 no ports", Problem.PORTS_INVALID, Service.Builder::clearPorts),
                                bad("48 101 ports", Problem.PORTS_INVALID, s -> ports(s.clearPorts(), 101)),
                                bad("50 ICMP", Problem.PROTOCOL_UNSUPPORTED, s -> s.setPorts(0, port("p", 1, 80))),
                                bad("50 none", Problem.PROTOCOL_UNSUPPORTED, s -> s.setPorts(0, port("p", 0, 80))),
                                bad("67 65 labels", Problem.SNAPSHOT_REJECTED, s -> labels(s, 65)),
                                bad("67 no label key", Problem.SNAPSHOT_REJECTED, s -> s.putLabels("a b", "c")),
                                bad("67 no label value", Problem.SNAPSHOT_REJECTED, s -> s.putLabels("a", "b\nc")),
                                bad(
                                        "67 large annotation",
                                        Problem.SNAPSHOT_REJECTED,
                                        s -> s.putAnnotations("a", "x".repeat(16_384))),
                                bad("family", Problem.SNAPSHOT_REJECTED, s -> s.addIpFamilies("IPX")),
                                bad(
                                        "timeout",
                                        Problem.SNAPSHOT_REJECTED,
                                        s -> s.setSessionAffinityTimeoutSeconds(86_401)),
                                bad("policy", Problem.SNAPSHOT_REJECTED, s -> s.setInternalTrafficPolicy("None"))))
                .flatMap(s -> s);
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            60, 10.52,                  ENDPOINT_INVALID
            60, '',                     ENDPOINT_INVALID
            60, 10.52.0.9.0,            ENDPOINT_INVALID
            60, fd52::9,                ENDPOINT_INVALID
            60, ::ffff:10.52.0.9,       ENDPOINT_INVALID
            61, 127.0.0.1,              ENDPOINT_FORBIDDEN
            61, 0.0.0.0,                ENDPOINT_FORBIDDEN
            61, 169.254.169.254,        ENDPOINT_FORBIDDEN
            61, 224.0.0.1,              ENDPOINT_FORBIDDEN
            61, 255.255.255.255,        ENDPOINT_FORBIDDEN
            """)
    void leavesOutAnEndpointThatCanBeNoPod(int row, String address, Problem problem) {
        table.upsert(wire("web"));
        table.change(endpoints("web", bytes(address), new byte[] {10, 52, 0, 7}).build());
        assertEquals(List.of("10.52.0.7"), addresses());
        assertEquals(List.of(problem), problems(), () -> "row " + row);
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            ::1,               ENDPOINT_FORBIDDEN
            ::,                ENDPOINT_FORBIDDEN
            fe80::1,           ENDPOINT_FORBIDDEN
            ff02::1,           ENDPOINT_FORBIDDEN
            10.52.0.9,         ENDPOINT_INVALID
            ::ffff:10.52.0.9,  ENDPOINT_INVALID
            ::ffff:127.0.0.1,  ENDPOINT_INVALID
            """)
    void leavesOutAnIpv6EndpointThatCanBeNoPod(String address, Problem problem) {
        table.upsert(wire("web"));
        table.change(
                endpoints("web", bytes(address), bytes("fd52::7")).setIpv6(true).build());
        assertEquals(List.of("fd52::7"), addresses());
        assertEquals(List.of(problem), problems());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.b", "A", "_a", "-", "*", "a\u0000"})
    void row59LeavesOutAnEndpointWhoseHostnameIsNoLabel(String hostname) {
        table.upsert(wire("web"));
        table.change(endpoints("web", new byte[] {10, 52, 0, 7})
                .addUpserted(endpoint(8, 1).setHostname(hostname))
                .build());
        assertEquals(List.of("10.52.0.7"), addresses());
        assertEquals(List.of(Problem.HOSTNAME_INVALID), problems());
    }

    @Test
    void row68EveryStateOfAnEndpointMeansSomething() {
        table.upsert(wire("web"));
        table.change(endpoints("web").build());
        assertEquals(List.of(), addresses());
        for (int state : new int[] {0, 1, 2, 3, 4, 5, 6, 7, -1}) {
            table.change(endpoints("web").addUpserted(endpoint(7, state)).build());
            ExportedService.Endpoint taken = table.service(name("web"))
                    .orElseThrow()
                    .endpoints()
                    .getFirst()
                    .endpoints()
                    .getFirst();
            assertEquals(
                    List.of((state & 1) != 0, (state & 2) != 0, (state & 4) != 0),
                    List.of(taken.ready(), taken.serving(), taken.terminating()));
        }
        assertEquals(List.of(), problems());
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MIN_VALUE, -1, 0, 4_102_444_800L, Long.MAX_VALUE})
    void anAgeIsOnlyEverCompared(long created) {
        table.upsert(wire("web").toBuilder().setCreatedEpochSecond(created).build());
        Instant taken = table.service(name("web")).orElseThrow().created();
        assertTrue(!taken.isBefore(Instant.EPOCH) && taken.isBefore(Instant.parse("+10000-01-01T00:00:00Z")));
        assertEquals(List.of(), problems());
    }

    @Test
    void row66ManyPortsOfEndpointsAreTooMany() {
        table.upsert(wire("web"));
        table.change(endpoints("web", new byte[] {10, 52, 0, 7})
                .addAllPorts(ports(Service.newBuilder(), 100).getPortsList())
                .build());
        assertEquals(List.of(Problem.LIMIT_EXCEEDED), problems());
        assertEquals(List.of(), addresses());
    }

    @Test
    void row66ServicesThatAreLargeTogetherAreLeftOut() {
        IntStream.range(0, 10)
                .forEach(i -> table.upsert(labels(wire("s" + i).toBuilder(), 40).build()));
        int kept = table.names().size();
        assertTrue(kept > 0 && kept < 10, () -> kept + " of 10 services of about 6 KiB are in 32 KiB");
        assertEquals(List.of(Problem.LIMIT_EXCEEDED), problems());
        assertTrue(table.lacks());
        table.remove(wire("s0").getName());
        table.upsert(labels(wire("s9").toBuilder(), 40).build());
        assertTrue(table.names().contains(name("s9")), "what went made room");
        table.upsert(wire("s9"));
        table.upsert(labels(wire("s8").toBuilder(), 40).build());
        assertTrue(table.names().contains(name("s8")), "what became smaller made room");
    }

    @Test
    void row66PortSetsAreHeldWithinTheSameBound() {
        table.upsert(wire("web"));
        for (int i = 0; i < 60; i++) {
            table.change(endpoints("web")
                    .clearPorts()
                    .addAllPorts(ports(Service.newBuilder(), 50).getPortsList())
                    .addPorts(port("n" + i, 6, 80))
                    .addUpserted(endpoint(1 + i % 5, 1))
                    .build());
        }
        int sets = table.service(name("web")).orElseThrow().endpoints().size();
        assertTrue(sets > 0 && sets < 10, () -> sets + " sets of about 7 KiB are in 32 KiB");
        assertEquals(List.of(Problem.LIMIT_EXCEEDED), problems());
        table.remove(wire("web").getName());
        assertEquals(List.of(), problems());
        IntStream.range(0, 10).forEach(i -> table.upsert(wire("s" + i)));
        assertEquals(10, table.names().size(), "all of it was given back");
    }

    /** Whatever a peer calls its services, only names that DNS can have come through (T6). */
    @Test
    void t6NoNameComesThroughThatIsNoLabel() {
        Pattern label = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
        Random random = new Random(6);
        String letters = "ab9-.*_ \u0000\n\u00e4\u0430A/\\$";
        ExportTable wide = new ExportTable("i", 1, Bounds.DEFAULT);
        int taken = 0;
        for (int i = 0; i < 20_000; i++) {
            String namespace = word(random, letters);
            String name = word(random, letters);
            boolean sound =
                    label.matcher(namespace).matches() && label.matcher(name).matches();
            wide.upsert(wire("x").toBuilder().setName(wireName(namespace, name)).build());
            assertEquals(
                    sound, wide.service(new NamespacedName(namespace, name)).isPresent(), () -> namespace + "/" + name);
            taken += sound ? 1 : 0;
        }
        assertTrue(taken > 100, "only " + taken + " names were sound");
        wide.names()
                .forEach(n -> assertTrue(
                        label.matcher(n.namespace()).matches()
                                && label.matcher(n.name()).matches(),
                        n::toString));
    }

    /** Mostly of harmless letters. */
    private static String word(Random random, String letters) {
        StringBuilder word = new StringBuilder();
        int length = random.nextInt(4);
        for (int i = 0; i < length; i++) {
            word.append(letters.charAt(random.nextInt(random.nextInt(4) == 0 ? letters.length() : 3)));
        }
        return word.toString();
    }

    private List<Problem> problems() {
        return table.findings().stream().map(Finding::problem).toList();
    }

    private List<String> addresses() {
        return table.service(name("web")).orElseThrow().endpoints().stream()
                .flatMap(g -> g.endpoints().stream())
                .map(e -> Addresses.text(e.address()))
                .toList();
    }

    private static byte[] bytes(String address) {
        if (address.startsWith("::ffff:")) {
            byte[] mapped = new byte[16];
            mapped[10] = -1;
            mapped[11] = -1;
            System.arraycopy(bytes(address.substring(7)), 0, mapped, 12, 4);
            return mapped;
        }
        if (address.contains(":") || address.split("\\.").length == 4) {
            return InetAddress.ofLiteral(address).getAddress();
        }
        return new byte[address.isEmpty() ? 0 : address.split("\\.").length];
    }

    private static Endpoint.Builder endpoint(int last, int state) {
        return Endpoint.newBuilder()
                .setAddress(ByteString.copyFrom(new byte[] {10, 52, 0, (byte) last}))
                .setState(state);
    }

    private static Service.Builder ports(Service.Builder service, int count) {
        IntStream.range(0, count).forEach(i -> service.addPorts(port("p" + i, 6, 1_000 + i)));
        return service;
    }

    private static Service.Builder labels(Service.Builder service, int count) {
        IntStream.range(0, count).forEach(i -> service.putLabels("l" + i, "x"));
        return service;
    }

    private static Port port(String name, int protocol, int port) {
        return Port.newBuilder()
                .setName(name)
                .setProtocol(protocol)
                .setPort(port)
                .build();
    }

    private static ServiceName wireName(String namespace, String name) {
        return ServiceName.newBuilder().setNamespace(namespace).setName(name).build();
    }

    private static Bad bad(String row, Problem problem, UnaryOperator<Service.Builder> fault) {
        return new Bad(row, problem, fault);
    }

    private static String brief(String name) {
        return WireReader.shown(name)
                .substring(0, Math.min(20, WireReader.shown(name).length()));
    }
}
