package io.tombolo.kube.service;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.tombolo.api.mcs.ServiceImport;
import io.tombolo.exchange.Loopback;
import io.tombolo.kube.Applier;
import io.tombolo.kube.NotTheWriterException;
import io.tombolo.kube.ObjectNames;
import io.tombolo.kube.RealApiServer;
import io.tombolo.net.ClusterId;
import io.tombolo.plan.service.Export;
import io.tombolo.plan.service.ExportedService;
import io.tombolo.plan.service.Routing;
import io.tombolo.plan.service.ServicePlan;
import io.tombolo.plan.service.ServicePlanner;
import io.tombolo.plan.service.ServiceView;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whoever is not the writer any more writes nothing, wherever in a pass it was stopped. */
class ImportApplierTest {
    private static final ExportedService WEB = Loopback.service("web", 2);
    private static final List<String> IPV4 = List.of("IPv4");
    private static final String NAMESPACE = WEB.name().namespace();

    private final KubernetesClient admin = RealApiServer.shared().admin();
    private final KubernetesClient gateway =
            RealApiServer.shared().agent(ObjectNames.GATEWAY, "tombolo-gateway-0", "node-a");
    /** How many writes are still let. */
    private final AtomicInteger left = new AtomicInteger();

    @AfterEach
    void remove() {
        removeAll();
        gateway.close();
    }

    private void removeAll() {
        admin.resources(ServiceImport.class).inNamespace(NAMESPACE).delete();
        admin.services().inNamespace(NAMESPACE).delete();
        admin.discovery().v1().endpointSlices().inNamespace(NAMESPACE).delete();
    }

    @Test
    void writesNothingOnceItMayHaveASuccessor() throws Exception {
        RealApiServer.shared().namespace(NAMESPACE);
        try (ImportedObjects observed = new ImportedObjects(gateway, _ -> {})) {
            await().atMost(Duration.ofSeconds(20)).until(observed::isSynced);
            ImportApplier applier = new ImportApplier(
                    gateway,
                    new Applier(gateway, ObjectNames.IMPORTER_MANAGER, () -> left.getAndDecrement() > 0),
                    observed,
                    1);
            int lets = 0;
            while (!applies(applier, List.of(export()), lets)) {
                assertTrue(imports() + services() + slices() <= lets, "more was written than was let");
                removeAll(); // what is there already would not be written
                await().atMost(Duration.ofSeconds(20))
                        .until(() -> observed.names().isEmpty() && observed.serviceImport(WEB.name()) == null);
                lets++; // the next gets one further
            }
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> observed.slices(WEB.name()).size() == 2);
            assertEquals(2, slices());
            String before = versions();

            assertThrows(NotTheWriterException.class, () -> apply(applier, List.of(), 0), "nothing is taken away");
            ExportedService less = Loopback.service("web", 1);
            assertThrows(
                    NotTheWriterException.class,
                    () -> apply(applier, List.of(new Export(east(), less, true, true)), 0),
                    "and nothing changed");
            assertEquals(before, versions());
        }
    }

    @Test
    void aDeadClusterReceivesNothingMoreAndAllElseStays() throws Exception {
        try (ImportedObjects observed = new ImportedObjects(gateway, _ -> {})) {
            ImportApplier applier = importedFromEastAndNorth(observed);
            List<String> before = sliceNames();
            List<String> receiving = observed.receiving(east()).stream()
                    .map(slice -> slice.getMetadata().getName())
                    .toList();
            assertEquals(1, receiving.size());

            left.set(1);
            applier.withdrawals(east()).forEach(Runnable::run);

            assertEquals(
                    before.stream().filter(name -> !receiving.contains(name)).toList(), sliceNames());
        }
    }

    @Test
    void aSecondFamilyComesAndGoesWithTheServicesFirstAddressAsItWas() throws Exception {
        RealApiServer.shared().namespace(NAMESPACE);
        try (ImportedObjects observed = new ImportedObjects(gateway, _ -> {})) {
            await().atMost(Duration.ofSeconds(20)).until(observed::isSynced);
            Applier applier = new Applier(gateway, ObjectNames.IMPORTER_MANAGER, () -> true);
            ImportApplier imports = new ImportApplier(gateway, applier, observed, 1);
            String first = "";
            for (List<String> families : List.of(IPV4, List.of("IPv6", "IPv4"), IPV4)) {
                Export export = new Export(east(), Loopback.of(families, WEB), true, true);
                imports.apply(
                        plan(export, List.of()), "5f0b6c8e-0000-4000-8000-000000000000", ips -> plan(export, ips));
                Service derived = admin.services()
                        .inNamespace(NAMESPACE)
                        .list()
                        .getItems()
                        .getFirst();
                assertEquals(
                        families.stream().sorted().toList(), derived.getSpec().getIpFamilies());
                List<String> ips = derived.getSpec().getClusterIPs();
                assertEquals(families.size(), ips.size());
                first = first.isEmpty() ? ips.getFirst() : first;
                assertEquals(first, ips.getFirst());
                assertEquals(
                        ips,
                        Objects.requireNonNull(admin.resources(ServiceImport.class)
                                        .inNamespace(NAMESPACE)
                                        .withName(WEB.name().name())
                                        .get())
                                .getSpec()
                                .ips());
                await().atMost(Duration.ofSeconds(20)).until(() -> Objects.requireNonNull(observed.derived(WEB.name()))
                        .getSpec()
                        .getClusterIPs()
                        .equals(ips));
            }
        }
    }

    private static ServicePlan plan(Export export, List<InetAddress> ips) {
        return ServicePlanner.plan(new ServiceView(
                new ClusterId("west"), WEB.name(), List.of(export), Routing.PLAIN, true, List.of("IPv4", "IPv6"), ips));
    }

    private ImportApplier importedFromEastAndNorth(ImportedObjects observed) throws ForeignObjectException {
        RealApiServer.shared().namespace(NAMESPACE);
        await().atMost(Duration.ofSeconds(20)).until(observed::isSynced);
        ImportApplier applier = new ImportApplier(
                gateway,
                new Applier(gateway, ObjectNames.IMPORTER_MANAGER, () -> left.getAndDecrement() > 0),
                observed,
                1);
        apply(applier, List.of(export(), new Export(new ClusterId("north"), WEB, true, true)), 100);
        await().atMost(Duration.ofSeconds(20))
                .until(() -> observed.slices(WEB.name()).size() == 4);
        return applier;
    }

    private List<String> sliceNames() {
        return admin.discovery().v1().endpointSlices().inNamespace(NAMESPACE).list().getItems().stream()
                .map(slice -> slice.getMetadata().getName())
                .sorted()
                .toList();
    }

    private boolean applies(ImportApplier applier, List<Export> exports, int lets) throws ForeignObjectException {
        try {
            apply(applier, exports, lets);
            return true;
        } catch (NotTheWriterException e) {
            return false;
        }
    }

    private void apply(ImportApplier applier, List<Export> exports, int lets) throws ForeignObjectException {
        left.set(lets);
        applier.apply(plan(exports, List.of()), "5f0b6c8e-0000-4000-8000-000000000000", ips -> plan(exports, ips));
    }

    private static ServicePlan plan(List<Export> exports, List<InetAddress> ips) {
        return ServicePlanner.plan(
                new ServiceView(new ClusterId("west"), WEB.name(), exports, Routing.PLAIN, true, List.of("IPv4"), ips));
    }

    private static ClusterId east() {
        return new ClusterId("east");
    }

    private static Export export() {
        return new Export(east(), WEB, true, true);
    }

    private int imports() {
        return admin.resources(ServiceImport.class)
                .inNamespace(NAMESPACE)
                .list()
                .getItems()
                .size();
    }

    private int services() {
        return admin.services().inNamespace(NAMESPACE).list().getItems().size();
    }

    private int slices() {
        return admin.discovery()
                .v1()
                .endpointSlices()
                .inNamespace(NAMESPACE)
                .list()
                .getItems()
                .size();
    }

    private String versions() {
        return admin.discovery().v1().endpointSlices().inNamespace(NAMESPACE).list().getItems().stream()
                        .map(s -> s.getMetadata().getResourceVersion())
                        .sorted()
                        .toList()
                + " "
                + Objects.requireNonNull(admin.resources(ServiceImport.class)
                                .inNamespace(NAMESPACE)
                                .withName(WEB.name().name())
                                .get())
                        .getMetadata()
                        .getResourceVersion();
    }
}
