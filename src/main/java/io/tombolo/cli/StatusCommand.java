package io.tombolo.cli;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.tombolo.api.v1alpha1.ClusterLink;
import io.tombolo.api.v1alpha1.ClusterLinkStatus;
import io.tombolo.api.v1alpha1.GlobalService;
import io.tombolo.api.v1alpha1.GlobalServiceStatus;
import io.tombolo.api.v1alpha1.LocalCluster;
import io.tombolo.api.v1alpha1.LocalClusterStatus;
import io.tombolo.kube.Conditions;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** One screen: this cluster, its links, its shared services; what is wrong stands below with what to do. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description = "Shows what is linked and shared, what is healthy, and what to do where it is not.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:everything is ready", "1:something is not; it is shown"})
final class StatusCommand implements Callable<Integer> {
    @Mixin
    private final ClusterOptions cluster = new ClusterOptions();

    @Mixin
    private final OutputOptions output = new OutputOptions();

    @CommandLine.Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandLine.Model.CommandSpec spec;

    /** @param ready {@code True}, {@code False} or {@code Unknown} */
    record Line(String kind, String name, String ready, String reason, String detail, String message) {}

    @Override
    public Integer call() throws NotDoneException {
        try (KubernetesClient client = cluster.client()) {
            LocalCluster local = ClusterOptions.localCluster(client);
            List<Line> lines = new ArrayList<>();
            lines.add(of(local));
            client.resources(ClusterLink.class).list().getItems().stream()
                    .map(StatusCommand::of)
                    .sorted(Comparator.comparing(Line::name))
                    .forEach(lines::add);
            client.resources(GlobalService.class).inAnyNamespace().list().getItems().stream()
                    .map(StatusCommand::of)
                    .sorted(Comparator.comparing(Line::name))
                    .forEach(lines::add);
            print(lines);
            return lines.stream().allMatch(l -> l.ready().equals("True")) ? 0 : TomboloCommand.NOT_DONE;
        }
    }

    private void print(List<Line> lines) {
        PrintWriter out = spec.commandLine().getOut();
        if (output.format() != Format.text) {
            out.print(output.format().print(lines));
            out.flush();
            return;
        }
        int width = lines.stream().mapToInt(l -> l.name().length()).max().orElse(0);
        String row = "%-14s %-" + Math.max(4, width) + "s  %-8s %-20s %s%n";
        out.printf(row, "KIND", "NAME", "READY", "REASON", "");
        lines.forEach(l -> out.printf(row, l.kind(), l.name(), l.ready(), l.reason(), l.detail()));
        lines.stream()
                .filter(l -> !l.ready().equals("True"))
                .forEach(l -> out.printf("%n%s %s: %s%n  %s%n", l.kind(), l.name(), l.reason(), l.message()));
        out.flush();
    }

    static Line of(LocalCluster local) {
        LocalClusterStatus status = local.getStatus();
        String gateways = message(status == null ? null : status.conditions(), "GatewaysReady");
        return line("LocalCluster", local.getSpec().clusterId(), status == null ? null : status.conditions(), gateways);
    }

    static Line of(ClusterLink link) {
        ClusterLinkStatus status = link.getStatus();
        ClusterLinkStatus.Summary summary = status == null ? null : status.summary();
        List<String> detail = new ArrayList<>();
        if (summary != null) {
            add(detail, summary.paths(), p -> "paths " + p);
            add(detail, summary.rttMillis(), r -> "RTT " + r + " ms");
        }
        if (status != null && status.peer() != null) {
            add(detail, status.peer().services(), s -> s + " services");
        }
        return line(
                "ClusterLink",
                link.getMetadata().getName(),
                status == null ? null : status.conditions(),
                String.join(", ", detail));
    }

    static Line of(GlobalService service) {
        GlobalServiceStatus status = service.getStatus();
        String receiving = Optional.ofNullable(status)
                .map(GlobalServiceStatus::summary)
                .map(GlobalServiceStatus.Summary::receiving)
                .map(r -> "receiving: " + r)
                .orElse("");
        return line(
                "GlobalService",
                service.getMetadata().getNamespace() + "/"
                        + service.getMetadata().getName(),
                status == null ? null : status.conditions(),
                receiving);
    }

    private static Line line(String kind, String name, @Nullable List<Condition> conditions, String detail) {
        Condition ready = Conditions.find(conditions, Conditions.READY);
        return ready == null
                ? new Line(
                        kind,
                        name,
                        "Unknown",
                        "NotObserved",
                        detail,
                        "The operator has not looked at it yet: does it" + " run? kubectl -n tombolo-system get pods")
                : new Line(kind, name, ready.getStatus(), ready.getReason(), detail, ready.getMessage());
    }

    private static String message(@Nullable List<Condition> conditions, String type) {
        Condition condition = Conditions.find(conditions, type);
        return condition == null ? "" : condition.getMessage();
    }

    private static <T> void add(List<String> detail, @Nullable T value, Function<T, String> text) {
        if (value != null) {
            detail.add(text.apply(value));
        }
    }
}
