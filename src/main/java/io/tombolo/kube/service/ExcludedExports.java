package io.tombolo.kube.service;

import io.tombolo.net.ClusterId;
import io.tombolo.plan.service.ServicePlan.Participation;
import io.tombolo.plan.service.ServicePlan.State;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Who exports a service and is kept out here. Nothing of theirs stands as a slice, so the derived Service, or of a headless
 * service each slice of the others, says in an annotation how many of their endpoints are ready, of how many:
 * {@code east=2/3,north=0/1}.
 */
final class ExcludedExports {
    static final String ANNOTATION = "tombolo.io/excluded";

    private static final Pattern ENTRY = Pattern.compile("([a-z0-9-]{1,63})=(\\d{1,6})/(\\d{1,6})");

    private ExcludedExports() {}

    /** @param ready at most {@code endpoints} */
    record Excluded(ClusterId cluster, int ready, int endpoints) {}

    /** @return empty where nobody is kept out */
    static String text(Collection<Participation> clusters) {
        return clusters.stream()
                .filter(p -> p.state() == State.EXCLUDED)
                .map(p -> p.cluster() + "=" + p.ready() + "/" + p.endpoints())
                .collect(Collectors.joining(","));
    }

    /** What {@link #text} said; whatever else stands there, by whomever, says nothing. */
    static List<Excluded> parse(String text) {
        List<Excluded> excluded = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            Matcher entry = ENTRY.matcher(part);
            if (entry.matches()) {
                excluded.add(new Excluded(
                        new ClusterId(entry.group(1)),
                        Integer.parseInt(entry.group(2)),
                        Integer.parseInt(entry.group(3))));
            }
        }
        return excluded;
    }
}
