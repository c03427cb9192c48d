package io.tombolo.operator;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.tombolo.kube.Applier;
import io.tombolo.kube.ObjectNames;
import io.tombolo.kube.ServiceCidrReader;
import io.tombolo.operator.localcluster.CorednsWiring;
import java.time.Clock;

/**
 * What every reconciler of one operator process uses.
 *
 * @param image what our workloads run: the operator's own
 * @param version of this build
 */
public record OperatorParts(
        KubernetesClient client,
        World world,
        TopologyReader topology,
        CorednsWiring coredns,
        Events events,
        String image,
        String version,
        Clock clock) {
    /** Attempts of a pass that fails: giving up would leave the world wrong until something happens to change. */
    public static final int FOR_EVER = -1;

    public Applier applier() {
        return new Applier(client, ObjectNames.OPERATOR_MANAGER);
    }

    public ServiceCidrReader serviceCidrs() {
        return new ServiceCidrReader(client, ObjectNames.namespace());
    }
}
