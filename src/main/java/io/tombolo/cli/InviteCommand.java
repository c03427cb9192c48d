package io.tombolo.cli;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientTimeoutException;
import io.tombolo.api.v1alpha1.ClusterLink;
import io.tombolo.api.v1alpha1.ClusterLinkSpec;
import io.tombolo.api.v1alpha1.GatewayEndpoint;
import io.tombolo.api.v1alpha1.LocalCluster;
import io.tombolo.api.v1alpha1.LocalClusterSpec;
import io.tombolo.api.v1alpha1.LocalClusterStatus;
import io.tombolo.api.v1alpha1.LocalClusterStatus.Invitation;
import io.tombolo.kube.Conditions;
import io.tombolo.kube.ObjectNames;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Prints the ClusterLink named after us, for the others to apply. */
@Command(
        name = "invite",
        mixinStandardHelpOptions = true,
        description = "Prints the ClusterLink of this cluster, for the other clusters to apply.",
        footer = {
            "",
            "It holds public keys and addresses only and may live in Git for years:",
            "  kubectl tombolo invite --context west > west.yaml",
            "  kubectl apply --context east -f west.yaml"
        })
final class InviteCommand implements Callable<Integer> {
    @Mixin
    private final ClusterOptions cluster = new ClusterOptions();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "yaml",
            description = "yaml or json (default: ${DEFAULT-VALUE}).")
    private Format format = Format.yaml;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "How long to wait until the gateways are placed (default: ${DEFAULT-VALUE}).")
    private int timeout;

    @CommandLine.Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws NotDoneException {
        try (KubernetesClient client = cluster.client()) {
            LocalCluster local = invited(client);
            spec.commandLine().getOut().print((format == Format.text ? Format.yaml : format).print(link(local)));
            spec.commandLine().getOut().flush();
            return 0;
        }
    }

    /** Waits until the operator has minted the keys and knows where every gateway is. */
    private LocalCluster invited(KubernetesClient client) throws NotDoneException {
        LocalCluster local = ClusterOptions.localCluster(client);
        if (unplaced(local).isEmpty()) {
            return local;
        }
        spec.commandLine().getErr().println("waiting for the gateways' keys and addresses …");
        try {
            LocalCluster ready = client.resources(LocalCluster.class)
                    .withName(ObjectNames.LOCAL_CLUSTER)
                    .waitUntilCondition(l -> l != null && unplaced(l).isEmpty(), timeout, TimeUnit.SECONDS);
            return ready;
        } catch (KubernetesClientTimeoutException e) {
            LocalCluster now = ClusterOptions.localCluster(client);
            if (invitation(now).isPresent()) {
                // fewer nodes than gateways, or none that peers can dial: that may be for good
                spec.commandLine()
                        .getErr()
                        .println("no node yet has " + String.join(", ", unplaced(now))
                                + ": the peer will not dial it, and has to be invited anew once it runs");
                return now;
            }
            throw new NotDoneException("there is no invitation after " + timeout + " s. " + why(now));
        }
    }

    /** Gateways that peers should dial and cannot yet. */
    static List<String> unplaced(LocalCluster local) {
        Optional<Invitation> invitation = invitation(local);
        if (invitation.isEmpty()) {
            return List.of("any gateway");
        }
        Set<Integer> advertised = Stream.ofNullable(local.getSpec().gateways())
                .flatMap(gateways -> Stream.ofNullable(gateways.advertise()))
                .flatMap(List::stream)
                .map(LocalClusterSpec.Advertised::slot)
                .collect(Collectors.toSet());
        return Stream.ofNullable(invitation.get().gateways())
                .flatMap(List::stream)
                .filter(door -> endpoint(door) == null && !advertised.contains(door.slot()))
                .map(door -> "gateway " + door.slot())
                .toList();
    }

    private static String why(LocalCluster local) {
        LocalClusterStatus status = local.getStatus();
        Condition ready = status == null ? null : Conditions.find(status.conditions(), Conditions.READY);
        return ready == null
                ? "Nothing has touched LocalCluster local: does the operator run?"
                        + " kubectl -n tombolo-system get pods"
                : "LocalCluster local says " + ready.getReason() + ": " + ready.getMessage();
    }

    private static Optional<Invitation> invitation(LocalCluster local) {
        return Optional.ofNullable(local.getStatus())
                .map(LocalClusterStatus::invitation)
                .filter(i -> i.identity() != null
                        && i.gateways() != null
                        && !i.gateways().isEmpty());
    }

    static ClusterLink link(LocalCluster local) {
        Invitation invitation = invitation(local).orElseThrow();
        ClusterLink link = new ClusterLink();
        link.setMetadata(
                new ObjectMetaBuilder().withName(local.getSpec().clusterId()).build());
        List<LocalClusterStatus.Door> doors =
                Optional.ofNullable(invitation.gateways()).orElse(List.of());
        link.setSpec(new ClusterLinkSpec(
                List.of(Optional.ofNullable(invitation.identity()).orElseThrow()),
                doors.stream()
                        .map(d -> new ClusterLinkSpec.Gateway(d.slot(), d.publicKey(), endpoint(d)))
                        .toList(),
                null,
                null,
                null,
                null));
        return link;
    }

    private static @Nullable GatewayEndpoint endpoint(LocalClusterStatus.Door door) {
        return door.endpoints() == null || door.endpoints().isEmpty()
                ? null
                : door.endpoints().getFirst();
    }
}
