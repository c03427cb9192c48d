package io.tombolo.kube;

import static io.tombolo.kube.Writes.*;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.tombolo.api.mcs.ServiceImport;
import io.tombolo.api.v1alpha1.ClusterLink;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a gateway may write and what not, asked of a real API server with a real token (T34). */
class GatewayRightsTest {
    private static final RealApiServer SERVER = RealApiServer.shared();
    private static final KubernetesClient ADMIN = SERVER.admin();
    private static final KubernetesClient GATEWAY = SERVER.agent(ObjectNames.GATEWAY, "tombolo-gateway-0", "node-a");

    /** A write and the words of its refusal. */
    private record Forbidden(String name, String words, Consumer<KubernetesClient> write) {
        @Override
        public String toString() {
            return name;
        }
    }

    @BeforeAll
    static void objectsOfOthersAndOfOurs() {
        SERVER.namespace(NAMESPACE);
        apply(ADMIN, link());
        patchStatus(ADMIN, path(1));
        apply(ADMIN, slice("foreign", "{kubernetes.io/service-name: foreign}", "{}"));
        apply(ADMIN, service("foreign", "{}", "{}", "{selector: {app: foreign}, ports: [{port: 80}]}"));
        create(GATEWAY, slice("ours", managed(""), epoch(5)));
        apply(GATEWAY, imported(NAMESPACE, "ours", epoch(5)));
        apply(GATEWAY, derived("tombolo-0123456789", epoch(5), "{ports: [{port: 80}]}"));
    }

    @AfterAll
    static void end() {
        GATEWAY.close();
    }

    @ParameterizedTest
    @MethodSource
    void aGatewayMayNot(Forbidden forbidden) {
        refused(forbidden.words(), () -> forbidden.write().accept(GATEWAY));
    }

    static Stream<Forbidden> aGatewayMayNot() {
        return Stream.of(paths(), slices(), imports(), services(), rest()).flatMap(s -> s);
    }

    private static Stream<Forbidden> paths() {
        return Stream.of(
                new Forbidden("report another slot's paths", "own slot only", c -> patchStatus(c, path(2))),
                new Forbidden("remove another slot's paths", "own slot only", c -> patchStatus(c, "{paths: []}")),
                new Forbidden("judge the link", "written by the operator", c -> patchStatus(c, """
                        {conditions: [{type: Ready, status: "True", reason: Ready, message: fine, lastTransitionTime: "2026-01-01T00:00:00Z"}]}""")),
                new Forbidden(
                        "sum the link up", "written by the operator", c -> patchStatus(c, "{summary: {paths: 9/9}}")));
    }

    private static Stream<Forbidden> slices() {
        String own = "the importer writes only slices it manages";
        return Stream.of(
                new Forbidden(
                        "make a slice that is not labelled ours", own, c -> create(c, slice("plain", "{}", epoch(1)))),
                new Forbidden("write a slice of others", own, c -> replace(c, slice("foreign", "{x: y}", epoch(1)))),
                new Forbidden("adopt a slice of others", own, c -> replace(c, slice("foreign", managed(""), epoch(1)))),
                new Forbidden(
                        "let go of a slice",
                        own,
                        c -> replace(c, slice("ours", "{endpointslice.kubernetes.io/managed-by: other}", epoch(5)))),
                new Forbidden("delete a slice of others", own, c -> c.discovery()
                        .v1()
                        .endpointSlices()
                        .inNamespace(NAMESPACE)
                        .withName("foreign")
                        .delete()),
                new Forbidden("delete a slice of others among many", own, c -> c.discovery()
                        .v1()
                        .endpointSlices()
                        .inNamespace(NAMESPACE)
                        .withField("metadata.name", "foreign")
                        .delete()),
                new Forbidden(
                        "add endpoints to a Service of others",
                        "never to another",
                        c -> create(c, slice("steal", managed("kubernetes.io/service-name: foreign"), epoch(5)))),
                new Forbidden(
                        "write slices of the cluster itself",
                        "namespaces of the cluster itself",
                        c -> create(c, slice("x", managed(""), epoch(5)).replace(NAMESPACE, "kube-system"))),
                new Forbidden(
                        "write a slice without epoch",
                        "writer-epoch",
                        c -> create(c, slice("none", managed(""), "{}"))),
                new Forbidden(
                        "write a slice with an epoch that is no number",
                        "writer-epoch",
                        c -> create(c, slice("none", managed(""), "{tombolo.io/writer-epoch: later}"))),
                new Forbidden(
                        "overwrite a newer importer's slice",
                        "newer importer",
                        c -> replace(c, slice("ours", managed(""), epoch(4)))));
    }

    private static Stream<Forbidden> imports() {
        return Stream.of(
                new Forbidden(
                        "write an import without epoch",
                        "writer-epoch",
                        c -> create(c, imported(NAMESPACE, "none", "{}"))),
                new Forbidden(
                        "overwrite a newer importer's import",
                        "newer importer",
                        c -> apply(c, imported(NAMESPACE, "ours", epoch(4)))),
                new Forbidden(
                        "import into the cluster's own namespaces",
                        "namespaces of the cluster itself",
                        c -> create(c, imported("kube-system", "dns", epoch(5)))));
    }

    private static Stream<Forbidden> services() {
        String own = "only Services it derived";
        String plain = "without selector and externalIPs";
        return Stream.of(
                new Forbidden(
                        "make a Service that is not derived",
                        own,
                        c -> create(c, service("tombolo-00000000aa", "{}", epoch(5), "{ports: [{port: 80}]}"))),
                new Forbidden(
                        "make a derived Service of another name",
                        own,
                        c -> create(c, derived("web", epoch(5), "{ports: [{port: 80}]}"))),
                new Forbidden(
                        "write a Service of others",
                        own,
                        c -> apply(
                                c,
                                service(
                                        "foreign",
                                        "{tombolo.io/derived: \"true\"}",
                                        epoch(5),
                                        "{ports: [{port: 81}]}"))),
                new Forbidden("delete a Service of others", own, c -> c.services()
                        .inNamespace(NAMESPACE)
                        .withName("foreign")
                        .delete()),
                new Forbidden(
                        "derive a Service with a selector",
                        plain,
                        c -> create(
                                c, derived("tombolo-00000000ab", epoch(5), "{selector: {a: b}, ports: [{port: 80}]}"))),
                new Forbidden(
                        "derive a Service with external addresses",
                        plain,
                        c -> create(
                                c,
                                derived(
                                        "tombolo-00000000ab",
                                        epoch(5),
                                        "{externalIPs: [203.0.113.9], ports: [{port: 80}]}"))),
                new Forbidden(
                        "derive a NodePort",
                        plain,
                        c -> create(
                                c, derived("tombolo-00000000ab", epoch(5), "{type: NodePort, ports: [{port: 80}]}"))),
                new Forbidden(
                        "derive an ExternalName",
                        plain,
                        c -> create(
                                c,
                                derived(
                                        "tombolo-00000000ab",
                                        epoch(5),
                                        "{type: ExternalName, externalName: example.org}"))),
                new Forbidden(
                        "overwrite a newer importer's Service",
                        "newer importer",
                        c -> apply(c, derived("tombolo-0123456789", epoch(4), "{ports: [{port: 80}]}"))));
    }

    private static Stream<Forbidden> rest() {
        return Stream.of(
                new Forbidden("change a link's spec", "forbidden", c -> apply(c, link())),
                new Forbidden("export a service", "forbidden", c -> create(c, """
                        apiVersion: multicluster.x-k8s.io/v1beta1
                        kind: ServiceExport
                        metadata: {name: web, namespace: policies}
                        """)),
                new Forbidden("read the identity", "forbidden", c -> c.secrets()
                        .inNamespace(ObjectNames.NAMESPACE)
                        .withName(ObjectNames.IDENTITY_SECRET)
                        .get()),
                new Forbidden("read all Secrets", "forbidden", c -> c.secrets()
                        .inNamespace(ObjectNames.NAMESPACE)
                        .list()));
    }

    @Test
    void aGatewayWritesItsPathsAndWhatThePeerAnnounced() {
        patchStatus(GATEWAY, path(0).replace("[", "[{localSlot: 1, peerSlot: 0, state: Up}, "));
        patchStatus(
                GATEWAY, "{peer: {sequence: 7, acknowledged: 3, signedAnnouncement: {bytes: AAAA, signature: AAAA}}}");
        ClusterLink link =
                ADMIN.resources(ClusterLink.class).withName("policies").get();
        assertTrue(link.getStatus().paths() != null && link.getStatus().paths().size() == 2, link::toString);
    }

    @Test
    void aGatewayWhoseTokenIsBoundToNoPodOfItsReportsNothing() {
        try (KubernetesClient stray = SERVER.agent(ObjectNames.GATEWAY, "debug", "node-a")) {
            refused("bound to its pod", () -> patchStatus(stray, path(0)));
        }
    }

    @Test
    void theImporterWritesAndDeletesWhatIsItsOwn() {
        assertDoesNotThrow(() -> {
            create(GATEWAY, slice("more", managed("kubernetes.io/service-name: tombolo-0123456789"), epoch(5)));
            replace(GATEWAY, slice("more", managed("kubernetes.io/service-name: tombolo-0123456789"), epoch(6)));
            apply(GATEWAY, imported(NAMESPACE, "more", epoch(6)));
            apply(GATEWAY, derived("tombolo-aaaaaaaaaa", epoch(6), "{clusterIP: None, ports: [{port: 80}]}"));
        });
        assertTrue(!GATEWAY.discovery()
                .v1()
                .endpointSlices()
                .inNamespace(NAMESPACE)
                .withName("more")
                .delete()
                .isEmpty());
        assertTrue(!GATEWAY.services()
                .inNamespace(NAMESPACE)
                .withName("tombolo-aaaaaaaaaa")
                .delete()
                .isEmpty());
        assertTrue(!GATEWAY.resources(ServiceImport.class)
                .inNamespace(NAMESPACE)
                .withName("more")
                .delete()
                .isEmpty());
    }
}
