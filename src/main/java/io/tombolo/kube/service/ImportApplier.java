package io.tombolo.kube.service;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.tombolo.api.mcs.ServiceImport;
import io.tombolo.kube.Applier;
import io.tombolo.kube.NotTheWriterException;
import io.tombolo.kube.ObjectNames;
import io.tombolo.kube.Slices;
import io.tombolo.net.ClusterId;
import io.tombolo.net.NamespacedName;
import io.tombolo.plan.service.ServicePlan;
import io.tombolo.plan.service.ServicePlan.Import;
import io.tombolo.plan.service.ServicePlan.Slice;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Makes a service's objects what its plan says. What is already so is not written; what grows is written before what
 * shrinks, so that no endpoint is missing in between; what is not ours is never touched.
 */
public final class ImportApplier {
    private static final System.Logger LOG = System.getLogger(ImportApplier.class.getName());

    private final KubernetesClient client;
    private final Applier applier;
    private final ImportedObjects observed;
    private final ImportRenderer renderer;
    private final SliceWriter slices;

    /**
     * @param applier of the importer
     * @param epoch transitions of the importer's Lease: an older writer's writes are refused by a policy
     */
    public ImportApplier(KubernetesClient client, Applier applier, ImportedObjects observed, long epoch) {
        this.client = client;
        this.applier = applier;
        this.observed = observed;
        this.renderer = new ImportRenderer(epoch);
        this.slices = new SliceWriter(client, applier);
    }

    /**
     * One pass for one service.
     *
     * @param replan the same plan with the derived Service's addresses in it, once they are known
     * @return what was written, for the log
     * @throws KubernetesClientException with the API's own words; what was written before it stays, and the next pass
     *     goes on from there
     * @throws ForeignObjectException where somebody else's object stands in our way
     */
    public List<String> apply(ServicePlan plan, String localClusterUid, Function<List<InetAddress>, ServicePlan> replan)
            throws ForeignObjectException {
        List<String> written = new ArrayList<>();
        if (plan.serviceImport().isEmpty()) {
            remove(plan.name(), written);
            return written;
        }
        NamespacedName name = plan.name();
        ServiceImport standing = applyImport(name, plan.serviceImport().get(), localClusterUid, written);
        OwnerReference owner = ImportRenderer.ownedBy(standing);
        ServicePlan now = plan;
        boolean shown = false;
        if (plan.derived().isPresent()) {
            Service wanted = renderer.derived(plan, owner, observed.derived(name));
            Service found = firstOf(observed.derived(name), wanted, ImportApplier::isDerived);
            if (found == null) { // one that comes before its endpoints refuses connections until kube-proxy's next turn
                applySlices(name, plan, owner, written);
                shown = true;
            }
            Service derived = applyDerived(wanted, found, written);
            now = replan.apply(ImportedObjects.clusterIps(derived));
            if (now.serviceImport().isPresent() && !now.serviceImport().equals(plan.serviceImport())) {
                applyImport(name, now.serviceImport().get(), localClusterUid, written);
            }
        } else {
            removeDerived(name, written);
        }
        applyStatus(name, now, standing, written);
        if (!shown) {
            applySlices(name, now, owner, written);
        }
        return written;
    }

    /**
     * Each takes the slices of one namespace by which endpoints of the cluster receive traffic, and nothing else: far less
     * work than the services' passes. What is refused is left to them, and what a pass makes meanwhile is made again, for the
     * watch tells that it went.
     */
    public List<Runnable> withdrawals(ClusterId source) {
        slices.forgetWithdrawn();
        Map<String, List<EndpointSlice>> byNamespace = observed.receiving(source).stream()
                .collect(Collectors.groupingBy(slice -> slice.getMetadata().getNamespace()));
        return byNamespace.entrySet().stream()
                .map(e -> (Runnable) () -> withdraw(source, e.getKey(), e.getValue()))
                .toList();
    }

    private void withdraw(ClusterId source, String namespace, List<EndpointSlice> shown) {
        try {
            applier.deleteAll(
                    client.discovery()
                            .v1()
                            .endpointSlices()
                            .inNamespace(namespace)
                            .withLabel(ObjectNames.MANAGED_BY_LABEL, ObjectNames.MANAGED_BY)
                            .withLabel(ObjectNames.SOURCE_LABEL, source.value()),
                    "endpointslices of " + source + " in " + namespace);
            slices.withdrew(shown);
        } catch (KubernetesClientException | NotTheWriterException e) {
            LOG.log(System.Logger.Level.DEBUG, "{0} is left to the passes: {1}", namespace, e.getMessage());
        }
    }

    private ServiceImport applyImport(NamespacedName name, Import plan, String localClusterUid, List<String> written)
            throws ForeignObjectException {
        ServiceImport wanted = renderer.serviceImport(name, plan, localClusterUid);
        ServiceImport found = firstOf(observed.serviceImport(name), wanted, ImportedObjects::ours);
        if (found != null && sameMeta(found, wanted) && found.getSpec().equals(wanted.getSpec())) {
            return found;
        }
        written.add("serviceimport " + name);
        return applier.apply(wanted);
    }

    private void applyStatus(NamespacedName name, ServicePlan plan, ServiceImport standing, List<String> written) {
        if (plan.serviceImport().isEmpty()) {
            return;
        }
        ServiceImport wanted = ImportRenderer.status(name, plan.serviceImport().get());
        ServiceImport found = Objects.requireNonNullElse(observed.serviceImport(name), standing);
        if (found.getStatus() == null
                || !Objects.equals(
                        found.getStatus().clusters(), wanted.getStatus().clusters())) {
            written.add("status of serviceimport " + name);
            applier.applyStatus(wanted);
        }
    }

    private Service applyDerived(Service wanted, @Nullable Service found, List<String> written) {
        if (found != null && sameMeta(found, wanted) && sameSpec(found, wanted)) {
            return found;
        }
        written.add("service " + wanted.getMetadata().getName());
        return applier.apply(wanted);
    }

    private void applySlices(NamespacedName name, ServicePlan plan, OwnerReference owner, List<String> written)
            throws ForeignObjectException {
        Map<String, EndpointSlice> standing = new HashMap<>();
        standing(name).forEach(s -> standing.put(s.getMetadata().getName(), slices.newest(s)));
        List<EndpointSlice> growing = new ArrayList<>();
        List<EndpointSlice> shrinking = new ArrayList<>();
        Set<String> kept = new HashSet<>();
        for (Slice slice : plan.slices()) {
            EndpointSlice wanted = renderer.slice(name, plan, slice, owner);
            kept.add(slice.name());
            EndpointSlice found = standing.get(slice.name());
            if (found == null) {
                growing.add(wanted);
            } else if (!sameMeta(found, wanted)
                    || !Objects.equals(found.getPorts(), wanted.getPorts())
                    || !Slices.endpoints(found).equals(Slices.endpoints(wanted))) {
                boolean grows = Slices.endpoints(wanted).size()
                        >= Slices.endpoints(found).size();
                (grows ? growing : shrinking).add(wanted);
            }
        }
        growing.addAll(shrinking);
        for (EndpointSlice wanted : growing) {
            written.add("endpointslice " + wanted.getMetadata().getName());
            slices.put(wanted, standing.get(wanted.getMetadata().getName()));
        }
        for (EndpointSlice slice : standing.values()) {
            if (!kept.contains(slice.getMetadata().getName())) {
                delete(slice, written);
                slices.forget(slice);
            }
        }
    }

    private List<EndpointSlice> standing(NamespacedName name) {
        return observed.slices(name).stream()
                .filter(s -> !slices.isWithdrawn(s))
                .toList();
    }

    private void remove(NamespacedName name, List<String> written) {
        // receivers first: no packet goes to an endpoint whose service is going
        for (EndpointSlice shown : standing(name)) {
            EndpointSlice slice = slices.newest(shown);
            delete(slice, written);
            slices.forget(slice);
        }
        removeDerived(name, written);
        ServiceImport found = observed.serviceImport(name);
        if (found != null && ImportedObjects.ours(found)) {
            delete(found, written);
        }
    }

    private void removeDerived(NamespacedName name, List<String> written) {
        Service found = observed.derived(name);
        if (found != null && isDerived(found)) {
            delete(found, written);
        }
    }

    private void delete(HasMetadata object, List<String> written) {
        if (object.getMetadata().getDeletionTimestamp() == null) {
            written.add(
                    "deleted " + object.getKind() + " " + object.getMetadata().getName());
            applier.delete(object);
        }
    }

    /**
     * The object as it stands; where the watch has none, the API is asked once, so that the first write never takes over
     * what somebody else made.
     */
    private <T extends HasMetadata> @Nullable T firstOf(@Nullable T cached, T wanted, Predicate<T> ours)
            throws ForeignObjectException {
        T found = cached != null ? cached : client.resource(wanted).get();
        if (found != null && !ours.test(found)) {
            throw new ForeignObjectException(wanted);
        }
        return found;
    }

    private static boolean isDerived(Service service) {
        return service.getMetadata().getLabels() != null
                && "true".equals(service.getMetadata().getLabels().get(ObjectNames.DERIVED_LABEL))
                && service.getMetadata().getOwnerReferences().stream()
                        .anyMatch(o -> o.getKind().equals("ServiceImport"));
    }

    /** Equal but for the epoch: a new writer does not rewrite what is right. */
    private static boolean sameMeta(HasMetadata found, HasMetadata wanted) {
        return Objects.equals(
                        found.getMetadata().getLabels(), wanted.getMetadata().getLabels())
                && withoutEpoch(found).equals(withoutEpoch(wanted))
                && found.getMetadata()
                        .getOwnerReferences()
                        .equals(wanted.getMetadata().getOwnerReferences());
    }

    private static Map<String, String> withoutEpoch(HasMetadata object) {
        Map<String, String> annotations =
                new HashMap<>(Objects.requireNonNullElse(object.getMetadata().getAnnotations(), Map.of()));
        annotations.remove(ObjectNames.WRITER_EPOCH_ANNOTATION);
        return annotations;
    }

    private static boolean sameSpec(Service found, Service wanted) {
        return Objects.equals(
                        found.getSpec().getSessionAffinity(), wanted.getSpec().getSessionAffinity())
                && (wanted.getSpec().getSessionAffinityConfig() == null
                        || Objects.equals(
                                found.getSpec().getSessionAffinityConfig(),
                                wanted.getSpec().getSessionAffinityConfig()))
                && "Cluster".equals(found.getSpec().getInternalTrafficPolicy())
                && (wanted.getSpec().getIpFamilies().isEmpty()
                        || wanted.getSpec()
                                .getIpFamilies()
                                .equals(found.getSpec().getIpFamilies()))
                && (found.getSpec().getSelector() == null
                        || found.getSpec().getSelector().isEmpty())
                && ports(found).equals(ports(wanted));
    }

    private static List<List<@Nullable Object>> ports(Service service) {
        List<List<@Nullable Object>> ports = new ArrayList<>();
        for (ServicePort port : service.getSpec().getPorts()) {
            List<@Nullable Object> fields = new ArrayList<>();
            fields.add(port.getName());
            fields.add(port.getProtocol());
            fields.add(port.getPort());
            fields.add(port.getAppProtocol());
            ports.add(fields);
        }
        return ports;
    }
}
