package io.tombolo.api.mcs;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.api.model.SessionAffinityConfig;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Version;
import io.tombolo.api.v1alpha1.ApiObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A service of the clusterset, as this cluster imports it. */
@Group("multicluster.x-k8s.io")
@Version("v1beta1")
public final class ServiceImport extends CustomResource<ServiceImport.Spec, ServiceImport.Status>
        implements Namespaced {
    private static final long serialVersionUID = 1L;

    /**
     * @param type {@code ClusterSetIP} or {@code Headless}
     * @param ips one per IP family, in their order; none where headless
     */
    @ApiObject
    public record Spec(
            @JsonInclude(JsonInclude.Include.ALWAYS) List<Port> ports,
            @Nullable List<String> ips,
            String type,
            @Nullable String sessionAffinity,
            @Nullable SessionAffinityConfig sessionAffinityConfig,
            @Nullable List<String> ipFamilies,
            @Nullable String internalTrafficPolicy,
            @Nullable String trafficDistribution) {}

    /** @param protocol {@code TCP}, {@code UDP}, {@code SCTP} */
    @ApiObject
    public record Port(
            @Nullable String name,
            String protocol,
            int port,
            @Nullable String appProtocol) {}

    @ApiObject
    public record Status(
            @Nullable List<Cluster> clusters, @Nullable List<Condition> conditions) {}

    /** A cluster that exports the service. */
    @ApiObject
    public record Cluster(String cluster) {}
}
