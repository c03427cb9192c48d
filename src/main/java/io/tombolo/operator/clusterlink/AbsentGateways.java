package io.tombolo.operator.clusterlink;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.tombolo.api.v1alpha1.ClusterLink;
import io.tombolo.api.v1alpha1.ClusterLinkStatus.Path;
import io.tombolo.api.v1alpha1.ClusterLinkStatus.PathState;
import io.tombolo.kube.ObjectNames;
import io.tombolo.operator.localcluster.Gateways;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What a gateway that is gone said last is no longer known: its paths become {@code Unknown}, and go with its slot. */
final class AbsentGateways {
    private static final PatchContext JSON_PATCH = new PatchContext.Builder()
            .withPatchType(PatchType.JSON)
            .withFieldManager(ObjectNames.OPERATOR_MANAGER)
            .build();

    private final KubernetesClient client;

    AbsentGateways(KubernetesClient client) {
        this.client = client;
    }

    /**
     * @param slots every slot there is, whether its gateway runs or not
     * @return the paths as they are then
     */
    List<Path> mark(ClusterLink link, Gateways gateways, Set<Integer> slots, Instant now) {
        List<Path> paths = link.getStatus() == null || link.getStatus().paths() == null
                ? List.of()
                : link.getStatus().paths();
        List<Path> known = new ArrayList<>();
        List<String> operations = new ArrayList<>();
        List<String> removals = new ArrayList<>();
        for (int i = 0; i < paths.size(); i++) {
            Path path = paths.get(i);
            String at = "/status/paths/" + i;
            String test = "{\"op\":\"test\",\"path\":\"" + at + "/localSlot\",\"value\":" + path.localSlot() + "},"
                    + "{\"op\":\"test\",\"path\":\"" + at + "/peerSlot\",\"value\":" + path.peerSlot() + "}";
            if (!slots.contains(path.localSlot())) {
                // the last one first: the others keep their indexes meanwhile
                removals.addFirst(test + ",{\"op\":\"remove\",\"path\":\"" + at + "\"}");
                continue;
            }
            if (path.state() == PathState.UNKNOWN || gateways.isThere(path.localSlot(), now)) {
                known.add(path);
                continue;
            }
            // why it said so stays: a gateway that is unready for a fault of its own has named that
            known.add(new Path(
                    path.localSlot(),
                    path.peerSlot(),
                    PathState.UNKNOWN,
                    path.since(),
                    path.reason(),
                    path.message(),
                    null,
                    null,
                    path.keyGeneration()));
            // not server-side apply: fields applied once and left out later go, and the gateway's own would lack its
            // state
            operations.add(test);
            operations.add("{\"op\":\"replace\",\"path\":\"" + at + "/state\",\"value\":\"Unknown\"}");
        }
        operations.addAll(removals);
        if (!operations.isEmpty()) {
            client.resources(ClusterLink.class)
                    .withName(link.getMetadata().getName())
                    .subresource("status")
                    .patch(JSON_PATCH, "[" + String.join(",", operations) + "]");
        }
        return known;
    }
}
