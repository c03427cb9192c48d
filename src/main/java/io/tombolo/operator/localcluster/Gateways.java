package io.tombolo.operator.localcluster;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.tombolo.api.v1alpha1.GatewayEndpoint;
import io.tombolo.api.v1alpha1.LocalCluster;
import io.tombolo.api.v1alpha1.LocalClusterSpec;
import io.tombolo.api.v1alpha1.LocalClusterStatus;
import io.tombolo.api.v1alpha1.LocalClusterStatus.GatewayState;
import io.tombolo.kube.GatewaySecret;
import io.tombolo.kube.LocalViewReader;
import io.tombolo.kube.NodeReader;
import io.tombolo.kube.ObjectNames;
import io.tombolo.net.Addresses;
import io.tombolo.net.IdentityKey;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where each slot runs and whether it is ready.
 *
 * @param bySlot slots with a pod that has a node
 */
public record Gateways(SortedMap<Integer, Placed> bySlot) {
    private static final Pattern POD = Pattern.compile(Pattern.quote(ObjectNames.GATEWAY) + "-([0-7])");
    private static final int MOST_ENDPOINTS = 2;

    /** How long a gateway may be unready before what it said last counts as unknown: its agent restarts in less. */
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    /**
     * @param since when it became ready or unready
     * @param leaving the pod is being deleted
     */
    public record Placed(String node, boolean ready, Instant since, boolean leaving) {}

    public static Gateways read(Collection<Pod> pods) {
        SortedMap<Integer, Placed> bySlot = new TreeMap<>();
        for (Pod pod : pods) {
            Matcher name = POD.matcher(pod.getMetadata().getName());
            if (name.matches() && pod.getSpec() != null && pod.getSpec().getNodeName() != null) {
                bySlot.put(
                        Integer.valueOf(name.group(1)),
                        new Placed(
                                pod.getSpec().getNodeName(),
                                readiness(pod)
                                        .map(c -> "True".equals(c.getStatus()))
                                        .orElse(false),
                                readiness(pod)
                                        .map(PodCondition::getLastTransitionTime)
                                        .map(Instant::parse)
                                        .orElseGet(() ->
                                                Instant.parse(pod.getMetadata().getCreationTimestamp())),
                                pod.getMetadata().getDeletionTimestamp() != null));
            }
        }
        return new Gateways(bySlot);
    }

    Map<Integer, String> nodes() {
        Map<Integer, String> nodes = new TreeMap<>();
        bySlot.forEach((slot, placed) -> nodes.put(slot, placed.node()));
        return nodes;
    }

    /** Whether the gateway of a slot is there to speak for its paths. */
    public boolean isThere(int slot, Instant now) {
        Placed placed = bySlot.get(slot);
        return placed != null
                && (placed.ready() || placed.since().plus(PATIENCE).isAfter(now));
    }

    /** When {@link #isThere} of some slot turns false if nothing happens before. */
    public Optional<Duration> nextChange(Instant now) {
        return bySlot.values().stream()
                .filter(p -> !p.ready())
                .map(p -> Duration.between(now, p.since().plus(PATIENCE)).plusMillis(100))
                .filter(Duration::isPositive)
                .min(Duration::compareTo);
    }

    long ready() {
        return bySlot.values().stream().filter(Placed::ready).count();
    }

    /** @param now written as {@code since} where a state is new */
    List<LocalClusterStatus.Gateway> status(LocalCluster observed, GatewayKeys.Keys keys, String now) {
        List<LocalClusterStatus.Gateway> before =
                observed.getStatus() == null || observed.getStatus().gateways() == null
                        ? List.of()
                        : observed.getStatus().gateways();
        return bySlot.entrySet().stream()
                .map(e -> {
                    GatewayState state = e.getValue().leaving()
                            ? GatewayState.DRAINING
                            : e.getValue().ready() ? GatewayState.SERVING : GatewayState.DOWN;
                    String since = before.stream()
                            .filter(b -> b.slot() == e.getKey()
                                    && b.state() == state
                                    && Objects.equals(b.node(), e.getValue().node()))
                            .map(LocalClusterStatus.Gateway::since)
                            .findFirst()
                            .orElse(now);
                    return new LocalClusterStatus.Gateway(
                            e.getKey(),
                            e.getValue().node(),
                            state,
                            since,
                            Optional.ofNullable(keys.secret().lanes().get(e.getKey()))
                                    .map(SortedMap::lastKey)
                                    .orElse(null),
                            Optional.ofNullable(keys.minted().get(e.getKey()))
                                    .map(at ->
                                            at.truncatedTo(ChronoUnit.SECONDS).toString())
                                    .orElse(null));
                })
                .toList();
    }

    /**
     * What peers need to know of us. A slot whose pod is between two nodes keeps what was said of it last, and one that is
     * too many stays until its pod is gone: until then it carries what is still on its way, and drains.
     */
    LocalClusterStatus.Invitation invitation(
            LocalCluster cluster, IdentityKey identity, GatewaySecret keys, Function<String, Optional<Node>> node) {
        List<LocalClusterStatus.Door> doors = keys.doors().entrySet().stream()
                .filter(door -> door.getKey() < LocalViewReader.replicas(cluster.getSpec())
                        || bySlot.containsKey(door.getKey()))
                .map(door -> new LocalClusterStatus.Door(
                        door.getKey(), door.getValue().publicKey().toString(), endpoints(cluster, door.getKey(), node)))
                .toList();
        return new LocalClusterStatus.Invitation(identity.toString(), doors);
    }

    private List<GatewayEndpoint> endpoints(LocalCluster cluster, int slot, Function<String, Optional<Node>> node) {
        int port = LocalViewReader.port(cluster.getSpec());
        Optional<LocalClusterSpec.Advertised> advertised = advertised(cluster.getSpec(), slot);
        if (advertised.isPresent()) {
            int dialled =
                    advertised.get().port() == null ? port : advertised.get().port();
            return advertised.get().addresses().stream()
                    .map(address -> new GatewayEndpoint(address, dialled))
                    .toList();
        }
        return Optional.ofNullable(bySlot.get(slot))
                .flatMap(placed -> node.apply(placed.node()))
                .map(n -> NodeReader.dialable(n).stream()
                        .limit(MOST_ENDPOINTS)
                        .map(address -> new GatewayEndpoint(Addresses.text(address), port))
                        .toList())
                .orElseGet(() -> said(cluster, slot));
    }

    private static Optional<LocalClusterSpec.Advertised> advertised(LocalClusterSpec spec, int slot) {
        return spec.gateways() == null || spec.gateways().advertise() == null
                ? Optional.empty()
                : spec.gateways().advertise().stream()
                        .filter(a -> a.slot() == slot)
                        .findFirst();
    }

    private static List<GatewayEndpoint> said(LocalCluster cluster, int slot) {
        return Optional.ofNullable(cluster.getStatus())
                .map(LocalClusterStatus::invitation)
                .map(LocalClusterStatus.Invitation::gateways)
                .flatMap(doors -> doors.stream().filter(d -> d.slot() == slot).findFirst())
                .map(LocalClusterStatus.Door::endpoints)
                .orElse(List.of());
    }

    private static Optional<PodCondition> readiness(Pod pod) {
        return pod.getStatus() == null || pod.getStatus().getConditions() == null
                ? Optional.empty()
                : pod.getStatus().getConditions().stream()
                        .filter(c -> "Ready".equals(c.getType()))
                        .findFirst();
    }
}
