package io.tombolo.api.v1alpha1;

import static io.tombolo.api.v1alpha1.Manifests.KEY;
import static io.tombolo.api.v1alpha1.Manifests.apply;
import static io.tombolo.api.v1alpha1.Manifests.link;
import static io.tombolo.api.v1alpha1.Manifests.local;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.tombolo.api.v1alpha1.Manifests.Bad;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the schema refuses of clusters and links, and what it takes: by a real API server. Services: {@link ServiceAdmissionTest}. */
class AdmissionTest {
    @ParameterizedTest
    @MethodSource
    void refuses(Bad bad) {
        bad.assertRefused();
    }

    static Stream<Bad> refuses() {
        return Stream.of(names(), keys(), endpoints(), ports(), cidrs(), lists(), aliases(), numbers())
                .flatMap(s -> s);
    }

    private static Stream<Bad> names() {
        return Stream.of(
                        Stream.of("a.b", "svc", "pod", "clusterset", "local", "xn--mnchen-3ya", "a".repeat(64))
                                .map(name -> new Bad("1/5 link " + name, link(name, ""), "InvalidName", "", "")),
                        Stream.of(
                                        "",
                                        "West",
                                        "a.b",
                                        "-a",
                                        "a-",
                                        "..",
                                        "svc",
                                        "pod",
                                        "w\u0435st",
                                        "west.",
                                        "_west",
                                        "*",
                                        "xn--wst-qdd",
                                        "a".repeat(64))
                                .map(id -> new Bad(
                                        "1/5 clusterId " + id,
                                        local("clusterId: \"" + id + "\""),
                                        "InvalidName",
                                        id,
                                        "")),
                        Stream.of(new Bad(
                                "LocalCluster of another name",
                                local("clusterId: west").replace("name: local", "name: other"),
                                "its name is local",
                                "",
                                "")))
                .flatMap(s -> s);
    }

    private static Stream<Bad> keys() {
        return Stream.concat(
                Stream.of(
                        new Bad(
                                "6 no key",
                                link("east", "").replace("publicKey: " + KEY, "x: y"),
                                "Required",
                                "spec.gateways[0].publicKey",
                                ""),
                        new Bad(
                                "6 empty key",
                                link("east", "").replace(KEY, "\"\""),
                                "KeyMissing",
                                "spec.gateways[0].publicKey",
                                ""),
                        new Bad(
                                "11 key twice",
                                link("east", "  - {slot: 1, publicKey: " + KEY + "}\n"),
                                "KeyDuplicate",
                                "publicKey",
                                "")),
                Stream.of(
                                KEY.substring(0, 43),
                                KEY + "=",
                                "1b7611a46ff6350fa2d396ab9480932f427bd6588f19f399828f69fabf24bb17",
                                KEY.replace('/', '_'),
                                KEY.replace("NQ+", "N Q"),
                                KEY.replace("NQ+", "N\\nQ"),
                                KEY.replace("xc=", "xd="))
                        .flatMap(key -> Stream.of(
                                new Bad(
                                        "7/8 key " + key,
                                        link("east", "").replace(KEY, "\"" + key + "\""),
                                        "KeyFormat",
                                        "spec.gateways[0].publicKey",
                                        key),
                                new Bad(
                                        "8 identity " + key,
                                        link("east", "")
                                                .replaceFirst("ed25519:[^\"]*", "ed25519:" + key.replace("\\", "\\\\")),
                                        "KeyFormat",
                                        "spec.identities[0]",
                                        key))));
    }

    private static Stream<Bad> endpoints() {
        return Stream.of(
                        Stream.of("", "1.2.3.4:051820").map(a -> address(a, "15", "EndpointInvalid")),
                        Stream.of(new Bad(
                                "15 no port",
                                link("east", "").replace(", port: 51820", ""),
                                "Required",
                                "endpoint.port",
                                "")),
                        Stream.of("0", "65536", "-1", "65527")
                                .map(p -> new Bad(
                                        "15 port " + p,
                                        link("east", "").replace("51820", p),
                                        "EndpointInvalid",
                                        p,
                                        "")),
                        Stream.of(new Bad(
                                "15 text", link("east", "").replace("51820", "\"http\""), "endpoint.port", "", "")),
                        Stream.of(
                                        "gw.example.org",
                                        "[::1]",
                                        "::1",
                                        "127.0.0.1",
                                        "127.9.9.9",
                                        "0.0.0.0",
                                        "224.0.0.1",
                                        "255.255.255.255",
                                        "169.254.169.254",
                                        "fe80::1%eth0",
                                        "fe80::1",
                                        "ff02::1",
                                        "::",
                                        "240.0.0.1")
                                .map(a -> address(a, "16", "EndpointForbidden")),
                        Stream.of("::ffff:1.2.3.4", "010.0.0.1", "1.2.3", "0x7f.1", "2001:DB8::1", "2001:db8:0:0::1")
                                .map(a -> address(a, "19", "AddressNotCanonical")))
                .flatMap(s -> s);
    }

    private static Stream<Bad> ports() {
        return Stream.of("80", "1023", "30000", "32767", "29995", "65530")
                .map(p -> new Bad(
                        "20 port " + p, local("clusterId: west, gateways: {port: " + p + "}"), "PortInUse", p, ""));
    }

    private static Stream<Bad> cidrs() {
        return Stream.of(
                        Stream.of("10.1.2.3/16", "fd52::1/48", "FD52::/48")
                                .map(c -> prefix(c, "22", "CIDRNotCanonical")),
                        Stream.of(
                                        "10.0.0.0/33",
                                        "fd52::/129",
                                        "10.0.0.0/-1",
                                        "10.0.0.0/08",
                                        "10.0.0.0",
                                        "10.0.0.0/16 ",
                                        "10.0.0.0/255.0.0.0",
                                        "")
                                .map(c -> prefix(c, "23", "CIDRInvalid")),
                        Stream.of("0.0.0.0/0", "::/0", "0.0.0.0/1", "128.0.0.0/1", "8.0.0.0/7")
                                .map(c -> prefix(c, "24", "CIDRTooBroad")),
                        Stream.of(
                                        "127.0.0.0/8",
                                        "127.1.0.0/16",
                                        "::1/128",
                                        "169.254.0.0/16",
                                        "fe80::/16",
                                        "224.0.0.0/8",
                                        "ff00::/16",
                                        "240.0.0.0/8",
                                        "0.0.0.0/8",
                                        "192.0.0.0/24",
                                        "100.100.100.200/32",
                                        "168.63.129.16/32",
                                        "fd00:ec2::254/128",
                                        "::ffff:0:0/96",
                                        "64:ff9b::/96",
                                        "2002::/16")
                                .map(c -> prefix(c, "26", "CIDRReserved")),
                        Stream.of(new Bad(
                                "22 pod CIDR of ours",
                                local("clusterId: west, network: {podCIDRs: [10.1.2.3/16]}"),
                                "CIDRNotCanonical",
                                "10.1.2.3/16",
                                "")))
                .flatMap(s -> s);
    }

    private static Stream<Bad> lists() {
        String many = String.join(
                ", ",
                IntStream.range(0, 65).mapToObj(i -> "10." + i + ".0.0/16").toList());
        return Stream.of(
                new Bad(
                        "31 twice",
                        link("east", "  prefixes: [10.52.0.0/16, 10.52.0.0/16]\n"),
                        "Duplicate",
                        "spec.prefixes[1]",
                        ""),
                new Bad(
                        "31 65 entries",
                        link("east", "  prefixes: [" + many + "]\n"),
                        "at most 64",
                        "spec.prefixes",
                        ""),
                new Bad("31 empty", link("east", "  prefixes: []\n"), "at least 1", "spec.prefixes", ""),
                new Bad(
                        "slot twice",
                        link("east", "  - {slot: 0, publicKey: aob2oQhV4MaAI2iRBKxN+IgJM2oWHlkY1XTxEVR1dj0=}\n"),
                        "Duplicate",
                        "spec.gateways[1]",
                        ""));
    }

    private static Stream<Bad> aliases() {
        return Stream.of(
                alias("{cidr: 10.42.0.0/16, alias: 100.66.0.0/17}", "CIDRInvalid: cidr and alias"),
                alias("{cidr: 10.42.0.0/16, alias: \"fd66::/16\"}", "CIDRInvalid: cidr and alias"),
                alias("{cidr: 10.42.0.0/16}", "Required"),
                alias("{cidr: 10.42.0.1/16, alias: 100.66.0.0/16}", "CIDRNotCanonical"),
                alias("{cidr: 10.42.0.0/16, alias: 127.0.0.0/16}", "CIDRReserved"),
                alias(
                        "{cidr: 10.42.0.0/16, alias: 100.66.0.0/16}, {cidr: 10.42.0.0/16, alias: 100.67.0.0/16}",
                        "Duplicate"),
                alias(
                        "{cidr: 10.42.0.0/16, alias: 100.66.0.0/16}, {cidr: 10.42.1.0/24, alias: 100.67.1.0/24}",
                        "CIDRList: the cidrs of two"),
                alias(
                        "{cidr: 10.42.0.0/24, alias: 100.66.0.0/24}, {cidr: 10.43.0.0/24, alias: 100.66.0.0/24}",
                        "CIDRList: two aliases"));
    }

    private static Bad alias(String pairs, String reason) {
        return new Bad(
                "alias " + pairs, local("clusterId: west, network: {aliases: [" + pairs + "]}"), reason, "aliases", "");
    }

    private static Stream<Bad> numbers() {
        return Stream.of("\"51820\"", "2147483648", "9223372036854775808", ".nan", "1.5")
                .map(n -> new Bad(
                        "36 " + n,
                        local("clusterId: west, gateways: {port: " + n + "}"),
                        "spec.gateways.port",
                        "",
                        ""));
    }

    @Test
    void clusterIdNeverChanges() {
        apply(local("clusterId: west"));
        try {
            KubernetesClientException refused =
                    assertThrows(KubernetesClientException.class, () -> apply(local("clusterId: east")));
            assertTrue(String.valueOf(refused.getMessage()).contains("clusterId is immutable"), refused::getMessage);
        } finally {
            Manifests.API.resources(LocalCluster.class).withName("local").delete();
        }
    }

    @ParameterizedTest
    @MethodSource
    void takes(String yaml) {
        Manifests.take(yaml);
    }

    static List<String> takes() {
        return List.of(
                local("clusterId: west"),
                local(
                        "clusterId: west, gateways: {port: 51820, nodeSelector: {tombolo.io/gateway: \"true\"},"
                                + " tolerations: [{operator: Exists}], advertise: [{slot: 0, addresses: [198.51.100.7, \"2001:db8::7\"], port: 51830}]},"
                                + " network: {podCIDRs: [10.42.0.0/16, \"fd42::/56\"], serviceCIDRs: [10.43.0.0/16], protectedCIDRs: [10.0.0.0/8, 169.254.0.0/16],"
                                + " aliases: [{cidr: 10.42.0.0/16, alias: 100.66.0.0/16}, {cidr: \"fd42::/56\", alias: \"fd66::/56\"}]},"
                                + " dns: {wiring: Corefile, replicas: 3}, sharing: {exports: {namespaceSelector: {matchLabels: {share: \"true\"}}}}"),
                link("east", ""),
                link(
                        "east",
                        "  prefixes: [10.52.0.0/16, \"fd52::/48\", 100.96.0.0/11]\n  access: {pods: AllPods}\n"
                                + "  sharing: {imports: {namespaceSelector: {matchLabels: {shared: \"true\"}}}}\n"
                                + "  presharedKey: {secretRef: {name: link-north-psk}}\n"));
    }

    private static Bad address(String address, String row, String reason) {
        return new Bad(
                row + " " + address,
                link("east", "").replace("203.0.113.10", "\"" + address + "\""),
                reason,
                address,
                "");
    }

    private static Bad prefix(String cidr, String row, String reason) {
        return new Bad(row + " " + cidr, link("east", "  prefixes: [\"" + cidr + "\"]\n"), reason, cidr, "");
    }
}
