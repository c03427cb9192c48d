package io.tombolo.operator;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.tombolo.kube.Applier;
import io.tombolo.kube.Conditions;
import io.tombolo.kube.ObjectNames;
import io.tombolo.kube.ServiceCidrReader;
import io.tombolo.operator.localcluster.CorednsWiring;
import io.tombolo.problem.Problem;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

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

    /**
     * An Event where {@code Ready} changed its status or its reason, a warning where the reason is of the catalogue. None
     * for the first status nor for one that does not know: they say nothing.
     */
    public void tellOfChange(HasMetadata about, @Nullable List<Condition> before, @Nullable List<Condition> after) {
        Condition old = Conditions.find(before, Conditions.READY);
        Condition ready = Conditions.find(after, Conditions.READY);
        if (old == null
                || ready == null
                || "Unknown".equals(ready.getStatus())
                || (Objects.equals(old.getStatus(), ready.getStatus())
                        && Objects.equals(old.getReason(), ready.getReason()))) {
            return;
        }
        boolean problem =
                Arrays.stream(Problem.values()).anyMatch(p -> p.reason().equals(ready.getReason()));
        new Events(client).write(about, !problem, ready.getReason(), ready.getMessage());
    }
}
