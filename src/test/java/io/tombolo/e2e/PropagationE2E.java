package io.tombolo.e2e;

import static io.tombolo.e2e.LinkedClusters.NAMESPACE;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.tombolo.kube.Slices;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** An endpoint that comes, turns unready or goes in one cluster is seen in the other within a second. */
@ExtendWith(LinkedClusters.Extension.class)
final class PropagationE2E {
    private static final Duration LIMIT = Duration.ofSeconds(1);

    private final Cluster exporter;
    private final Cluster importer;

    PropagationE2E(LinkedClusters clusters) {
        this.exporter = clusters.second();
        this.importer = clusters.first();
    }

    @Test
    void endpointsAreSeenInTheOtherClusterWithinASecond() throws InterruptedException {
        exporter.apply("churn.yaml", Map.of());
        LinkedClusters.await("the pod's address", () -> exporter.podIp(NAMESPACE, "churn") != null);
        String address = exporter.podIp(NAMESPACE, "churn");
        try (Sightings there = new Sightings(exporter, "kubernetes.io/service-name");
                Sightings here = new Sightings(importer, "multicluster.kubernetes.io/service-name")) {
            for (int round = 0; round < 5; round++) {
                Predicate<EndpointSlice> ready = s -> state(s, address).orElse(false);
                Predicate<EndpointSlice> unready = s -> !state(s, address).orElse(true);
                exporter.exec(NAMESPACE, "churn", "touch", "/tmp/ready");
                assertFollows("ready", there.next(ready), here.next(ready), address, true);
                exporter.exec(NAMESPACE, "churn", "rm", "/tmp/ready");
                assertFollows("unready", there.next(unready), here.next(unready), address, false);
            }
            exporter.exec(NAMESPACE, "churn", "touch", "/tmp/ready");
            Predicate<EndpointSlice> gone = s -> state(s, address).isEmpty();
            there.next(s -> state(s, address).orElse(false));
            here.next(s -> state(s, address).orElse(false));
            exporter.client().pods().inNamespace(NAMESPACE).withName("churn").delete();
            assertFollows("removed", there.next(gone), here.next(gone), address, false);
        } finally {
            exporter.client()
                    .services()
                    .inNamespace(NAMESPACE)
                    .withName("churn")
                    .delete();
            exporter.client()
                    .genericKubernetesResources("tombolo.io/v1alpha1", "GlobalService")
                    .inNamespace(NAMESPACE)
                    .withName("churn")
                    .delete();
        }
    }

    /** Both times are when this process saw the change, so they share a clock. */
    private void assertFollows(String what, long there, long here, String address, boolean answered) {
        String name = "churn." + NAMESPACE + ".svc.clusterset.local";
        String found = "nslookup -type=a " + name + " | grep -qF " + address;
        importer.exec(
                NAMESPACE,
                "probe-" + importer.nodesGatewayFirst().getFirst(),
                "timeout",
                "5",
                "sh",
                "-c",
                "until " + (answered ? "" : "! ") + "{ " + found + "; }; do :; done");
        long named = System.nanoTime();
        long slices = TimeUnit.NANOSECONDS.toMillis(here - there);
        long names = TimeUnit.NANOSECONDS.toMillis(named - there);
        System.out.printf("endpoint %s: slices after %d ms, names after %d ms%n", what, slices, names);
        assertTrue(slices <= LIMIT.toMillis(), () -> what + ": slices after " + slices + " ms");
        assertTrue(names <= LIMIT.toMillis(), () -> what + ": names after " + names + " ms");
    }

    /** Whether the endpoint is ready; empty where the slice does not have it. */
    private static Optional<Boolean> state(EndpointSlice slice, String address) {
        return Slices.endpoints(slice).stream()
                .filter((Endpoint e) -> e.getAddresses().contains(address))
                .map(e -> !Boolean.FALSE.equals(e.getConditions().getReady()))
                .findFirst();
    }

    /** The slices of one service as they change, with the time each version was seen. */
    private static final class Sightings implements AutoCloseable {
        private record Seen(EndpointSlice slice, long nanos) {}

        private final BlockingQueue<Seen> seen = new LinkedBlockingQueue<>();
        private final SharedIndexInformer<EndpointSlice> informer;

        Sightings(Cluster cluster, String label) {
            informer = cluster.client()
                    .discovery()
                    .v1()
                    .endpointSlices()
                    .inNamespace(NAMESPACE)
                    .withLabel(label, "churn")
                    .inform(new ResourceEventHandler<>() {
                        @Override
                        public void onAdd(EndpointSlice slice) {
                            seen.add(new Seen(slice, System.nanoTime()));
                        }

                        @Override
                        public void onUpdate(EndpointSlice old, EndpointSlice slice) {
                            seen.add(new Seen(slice, System.nanoTime()));
                        }

                        @Override
                        public void onDelete(EndpointSlice slice, boolean unknown) {
                            EndpointSlice empty = slice.edit().withEndpoints().build();
                            seen.add(new Seen(empty, System.nanoTime()));
                        }
                    });
        }

        /** When the next version that fulfils {@code wanted} was seen. */
        long next(Predicate<EndpointSlice> wanted) throws InterruptedException {
            while (true) {
                Seen one = seen.poll(15, TimeUnit.SECONDS);
                assertTrue(one != null, "no such change was seen within 15 s");
                if (one != null && wanted.test(one.slice())) {
                    return one.nanos();
                }
            }
        }

        @Override
        public void close() {
            informer.close();
        }
    }
}
