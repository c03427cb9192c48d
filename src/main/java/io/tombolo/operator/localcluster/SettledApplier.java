package io.tombolo.operator.localcluster;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.tombolo.kube.Applier;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Applies what differs from what it applied before, and what somebody else has changed since. A workload costs the API
 * server some ten milliseconds to find that nothing is new, and a link that comes or goes sets off a dozen passes.
 */
final class SettledApplier {
    private final Applier applier;
    /** By kind and name. */
    private final Map<String, Left> left = new HashMap<>();

    /** @param result what the API made of what we wanted */
    private record Left(HasMetadata wanted, HasMetadata result) {}

    SettledApplier(Applier applier) {
        this.applier = applier;
    }

    /**
     * @param observed what the API says now, or a moment ago: an older one costs a request and nothing else
     * @return what the API says after it
     */
    @SuppressWarnings("unchecked") // what was applied under a kind's name is of that kind
    <T extends HasMetadata> T apply(T wanted, Optional<T> observed) {
        String key = wanted.getKind() + " " + wanted.getMetadata().getName();
        Left last = left.get(key);
        if (last != null
                && last.wanted().equals(wanted)
                && observed.filter(now -> isAsLeft(now, last.result())).isPresent()) {
            return (T) last.result();
        }
        T result = applier.apply(wanted);
        left.put(key, new Left(wanted, result));
        return result;
    }

    /** The generation moves with the spec; a kind that has none (a Service) is compared by its version. */
    private static boolean isAsLeft(HasMetadata now, HasMetadata then) {
        ObjectMeta a = now.getMetadata();
        ObjectMeta b = then.getMetadata();
        boolean same = a.getGeneration() == null
                ? Objects.equals(a.getResourceVersion(), b.getResourceVersion())
                : a.getGeneration().equals(b.getGeneration());
        return same
                && Objects.equals(a.getUid(), b.getUid())
                && Objects.equals(a.getLabels(), b.getLabels())
                && Objects.equals(a.getAnnotations(), b.getAnnotations())
                && Objects.equals(a.getOwnerReferences(), b.getOwnerReferences());
    }
}
