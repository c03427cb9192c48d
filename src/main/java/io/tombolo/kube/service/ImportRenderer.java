package io.tombolo.kube.service;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServicePortBuilder;
import io.fabric8.kubernetes.api.model.SessionAffinityConfig;
import io.fabric8.kubernetes.api.model.SessionAffinityConfigBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPortBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.tombolo.api.mcs.ServiceImport;
import io.tombolo.api.v1alpha1.LocalCluster;
import io.tombolo.kube.ObjectNames;
import io.tombolo.net.Addresses;
import io.tombolo.net.NamespacedName;
import io.tombolo.plan.service.ExportedService.Port;
import io.tombolo.plan.service.ExportedService.SessionAffinity;
import io.tombolo.plan.service.ServicePlan;
import io.tombolo.plan.service.ServicePlan.DerivedService;
import io.tombolo.plan.service.ServicePlan.Import;
import io.tombolo.plan.service.ServicePlan.Slice;
import io.tombolo.plan.service.ServicePlan.SliceKind;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A plan as Kubernetes objects, built from scratch: nothing in them but what is written here. */
final class ImportRenderer {
    /** On everything we make for a service: its name. */
    static final String SERVICE_LABEL = ObjectNames.SERVICE_LABEL;
    /** On a slice that receives traffic: the cluster its endpoints are in. */
    static final String SOURCE_LABEL = ObjectNames.SOURCE_LABEL;

    /** On the slices of a headless service. */
    static final String HEADLESS_LABEL = "service.kubernetes.io/headless";

    private static final String KUBE_SERVICE_LABEL = "kubernetes.io/service-name";

    private final String epoch;

    /** @param epoch of the writer */
    ImportRenderer(long epoch) {
        this.epoch = Long.toString(epoch);
    }

    ServiceImport serviceImport(NamespacedName name, Import plan, String localClusterUid) {
        ServiceImport rendered = new ServiceImport();
        Map<String, String> labels = new HashMap<>(plan.labels());
        labels.put(SERVICE_LABEL, name.name());
        Map<String, String> annotations = new HashMap<>(plan.annotations());
        rendered.setMetadata(meta(
                name.namespace(),
                name.name(),
                labels,
                annotations,
                new OwnerReferenceBuilder()
                        .withApiVersion("tombolo.io/v1alpha1")
                        .withKind("LocalCluster")
                        .withName(LocalCluster.NAME)
                        .withUid(localClusterUid)
                        .withController(true)
                        .withBlockOwnerDeletion(false)
                        .build()));
        rendered.setSpec(new ServiceImport.Spec(
                plan.ports().stream()
                        .map(p -> new ServiceImport.Port(
                                p.name().isEmpty() ? null : p.name(),
                                p.transport().name(),
                                p.port(),
                                p.appProtocol().orElse(null)))
                        .toList(),
                plan.ips().isEmpty()
                        ? null
                        : plan.ips().stream().map(Addresses::text).toList(),
                plan.headless() ? "Headless" : "ClusterSetIP",
                affinity(plan.sessionAffinity()),
                affinityConfig(plan.sessionAffinityTimeout()),
                plan.ipFamilies(),
                plan.internalTrafficPolicy(),
                plan.trafficDistribution().orElse(null)));
        return rendered;
    }

    /** For the status' own fields only. */
    static ServiceImport status(NamespacedName name, Import plan) {
        ServiceImport rendered = new ServiceImport();
        rendered.setMetadata(new ObjectMetaBuilder()
                .withNamespace(name.namespace())
                .withName(name.name())
                .build());
        rendered.setStatus(new ServiceImport.Status(
                plan.clusters().stream()
                        .map(c -> new ServiceImport.Cluster(c.value()))
                        .toList(),
                null));
        return rendered;
    }

    /**
     * @param plan with a derived Service
     * @param standing the Service as it is, whose first family the API server will not let us change; null if none
     */
    Service derived(ServicePlan plan, OwnerReference owner, @Nullable Service standing) {
        NamespacedName name = plan.name();
        DerivedService service = plan.derived().orElseThrow();
        List<String> families = standing == null
                ? service.ipFamilies()
                : families(standing.getSpec().getIpFamilies(), service.ipFamilies());
        return new ServiceBuilder()
                .withMetadata(meta(
                        name.namespace(),
                        service.name(),
                        Map.of(ObjectNames.DERIVED_LABEL, "true", SERVICE_LABEL, name.name()),
                        excluded(plan),
                        owner))
                .withNewSpec()
                .withType("ClusterIP")
                .withIpFamilies(families)
                .withIpFamilyPolicy(families.size() > 1 ? "PreferDualStack" : "SingleStack")
                .withInternalTrafficPolicy("Cluster")
                .withSessionAffinity(affinity(service.sessionAffinity()))
                .withSessionAffinityConfig(affinityConfig(service.sessionAffinityTimeout()))
                .withPorts(service.ports().stream().map(ImportRenderer::port).toList())
                .endSpec()
                .build();
    }

    /** A second family comes and goes; a Service without the first would be another one. */
    private static List<String> families(List<String> standing, List<String> wanted) {
        String first = standing.getFirst();
        return wanted.contains(first)
                ? Stream.concat(Stream.of(first), wanted.stream().filter(family -> !family.equals(first)))
                        .toList()
                : standing;
    }

    EndpointSlice slice(NamespacedName name, ServicePlan plan, Slice slice, OwnerReference owner) {
        Map<String, String> labels = new HashMap<>();
        Map<String, String> annotations = Map.of();
        labels.put(ObjectNames.MANAGED_BY_LABEL, ObjectNames.MANAGED_BY);
        labels.put(SERVICE_LABEL, name.name());
        if (slice.kind() == SliceKind.EXPORTED) {
            labels.put(ObjectNames.MCS_SERVICE_LABEL, name.name());
            labels.put(ObjectNames.MCS_CLUSTER_LABEL, slice.source().value());
            if (plan.serviceImport().map(Import::headless).orElse(false)) {
                labels.put(HEADLESS_LABEL, "");
                annotations = excluded(plan);
            }
        } else {
            labels.put(KUBE_SERVICE_LABEL, plan.derived().orElseThrow().name());
            labels.put(SOURCE_LABEL, slice.source().value());
        }
        return new EndpointSliceBuilder()
                .withMetadata(meta(name.namespace(), slice.name(), labels, annotations, owner))
                .withAddressType(slice.ipv6() ? "IPv6" : "IPv4")
                .withPorts(slice.ports().stream()
                        .map(p -> new EndpointPortBuilder()
                                .withName(p.name())
                                .withProtocol(p.transport().name())
                                .withPort(p.port())
                                .withAppProtocol(p.appProtocol().orElse(null))
                                .build())
                        .toList())
                .withEndpoints(
                        slice.endpoints().stream().map(ImportRenderer::endpoint).toList())
                .build();
    }

    private static Map<String, String> excluded(ServicePlan plan) {
        String excluded = ExcludedExports.text(plan.clusters());
        return excluded.isEmpty() ? Map.of() : Map.of(ExcludedExports.ANNOTATION, excluded);
    }

    static OwnerReference ownedBy(ServiceImport owner) {
        return new OwnerReferenceBuilder()
                .withApiVersion(owner.getApiVersion())
                .withKind(owner.getKind())
                .withName(owner.getMetadata().getName())
                .withUid(owner.getMetadata().getUid())
                .withController(true)
                .withBlockOwnerDeletion(false)
                .build();
    }

    private ObjectMeta meta(
            String namespace,
            String name,
            Map<String, String> labels,
            Map<String, String> annotations,
            OwnerReference owner) {
        return new ObjectMetaBuilder()
                .withNamespace(namespace)
                .withName(name)
                .withLabels(labels)
                .withAnnotations(annotations)
                .addToAnnotations(ObjectNames.WRITER_EPOCH_ANNOTATION, epoch)
                .withOwnerReferences(owner)
                .build();
    }

    private static ServicePort port(Port port) {
        return new ServicePortBuilder()
                .withName(port.name().isEmpty() ? null : port.name())
                .withProtocol(port.transport().name())
                .withPort(port.port())
                .withAppProtocol(port.appProtocol().orElse(null))
                .build();
    }

    private static Endpoint endpoint(io.tombolo.plan.service.ExportedService.Endpoint endpoint) {
        return new EndpointBuilder()
                .withAddresses(Addresses.text(endpoint.address()))
                .withHostname(endpoint.hostname().orElse(null))
                .withNewConditions()
                .withReady(endpoint.ready())
                .withServing(endpoint.serving())
                .withTerminating(endpoint.terminating())
                .endConditions()
                .build();
    }

    private static String affinity(SessionAffinity affinity) {
        return affinity == SessionAffinity.CLIENT_IP ? "ClientIP" : "None";
    }

    private static @Nullable SessionAffinityConfig affinityConfig(OptionalInt timeout) {
        return timeout.isEmpty()
                ? null
                : new SessionAffinityConfigBuilder()
                        .withNewClientIP()
                        .withTimeoutSeconds(timeout.getAsInt())
                        .endClientIP()
                        .build();
    }
}
