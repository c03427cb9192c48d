package io.tombolo.exchange;

import com.google.protobuf.ByteString;
import io.tombolo.exchange.wire.ServiceName;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What of a table was refused, by the place where it would stand, so that it is forgotten as soon as something sound
 * stands there, or nothing is offered any more. Bounded: a stranger decides how much there is. Not thread-safe.
 */
final class Complaints {
    /** More are counted no longer; of each problem one stands in any case. */
    private static final int MOST = 1_000;

    private static final int LONGEST_ADDRESS = 16;

    private final Map<Place, Finding> standing = new LinkedHashMap<>();
    private final Map<Problem, Integer> counts = new EnumMap<>(Problem.class);

    private int revision;

    /**
     * @param group a number for each port set of the service, and one for what is in none
     * @param address empty for the service or the group itself
     */
    private record Place(String service, int group, ByteString address) {
        Place(ServiceName service, int group, ByteString address) {
            this(shown(service), group, address.substring(0, Math.min(LONGEST_ADDRESS, address.size())));
        }
    }

    /** @param finding takes the place of the one that stood there */
    void note(ServiceName service, int group, ByteString address, Finding finding) {
        Place place = new Place(service, group, address);
        remove(place);
        if (standing.size() < MOST || !has(finding.problem())) {
            standing.put(place, finding);
            counts.merge(finding.problem(), 1, Integer::sum);
            revision++;
        }
    }

    void forget(ServiceName service, int group, ByteString address) {
        if (!standing.isEmpty()) {
            remove(new Place(service, group, address));
        }
    }

    /** Everything about the service. */
    void forget(ServiceName service) {
        if (!standing.isEmpty()) {
            String name = shown(service);
            List<Place> gone = standing.keySet().stream()
                    .filter(place -> place.service.equals(name))
                    .toList();
            gone.forEach(this::remove);
        }
    }

    boolean has(Problem problem) {
        return counts.containsKey(problem);
    }

    /** One of each problem: the first that stands, and how many more do. */
    List<Finding> findings() {
        Map<Problem, Finding> first = new EnumMap<>(Problem.class);
        standing.values().forEach(finding -> first.putIfAbsent(finding.problem(), finding));
        List<Finding> findings = new ArrayList<>();
        first.forEach((problem, finding) -> {
            int more = counts.getOrDefault(problem, 1) - 1;
            findings.add(Finding.of(
                    problem, finding.field(), finding.message() + (more == 0 ? "" : "; and " + more + " more")));
        });
        return findings;
    }

    /** Grows with every change. */
    int revision() {
        return revision;
    }

    private void remove(Place place) {
        Finding gone = standing.remove(place);
        if (gone != null) {
            counts.merge(gone.problem(), -1, Integer::sum);
            counts.values().remove(0);
            revision++;
        }
    }

    private static String shown(ServiceName name) {
        return WireReader.shown(name.getNamespace()) + "/" + WireReader.shown(name.getName());
    }
}
