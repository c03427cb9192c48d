package io.tombolo.operator.localcluster;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServicePortBuilder;
import io.tombolo.api.v1alpha1.LocalCluster;

/** Where the cluster's own DNS forwards {@code clusterset.local}. Its ClusterIP is the API server's choice. */
final class DnsService {
    private DnsService() {}

    static Service desired(LocalCluster cluster) {
        return new ServiceBuilder()
                .withMetadata(Workload.metadata(cluster, DnsDeployment.COMPONENT, DnsDeployment.NAME))
                .withNewSpec()
                .withSelector(Workload.selector(DnsDeployment.COMPONENT))
                .withPorts(port("dns", "UDP"), port("dns-tcp", "TCP"))
                .endSpec()
                .build();
    }

    private static ServicePort port(String name, String protocol) {
        return new ServicePortBuilder()
                .withName(name)
                .withProtocol(protocol)
                .withPort(53)
                .withTargetPort(new IntOrString(DnsDeployment.PORT))
                .build();
    }
}
