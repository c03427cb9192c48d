package io.tombolo.kube.service;

import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.tombolo.kube.Applier;
import io.tombolo.kube.ObjectNames;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * Puts our EndpointSlices, each whole: every field is ours, and that costs the API server far less than to apply it. What
 * was put is known until the watch shows it, or every event of our own writes would make us write again.
 *
 * <p>One thread at a time for one slice.
 */
final class SliceWriter {
    private final KubernetesClient client;
    private final Applier applier;
    private final ConcurrentMap<String, Put> puts = new ConcurrentHashMap<>();
    /** Resource versions that the watch may still show of slices that were withdrawn. */
    private final ConcurrentMap<String, String> withdrawn = new ConcurrentHashMap<>();

    /** @param shown resource version that the watch still shows */
    private record Put(String shown, EndpointSlice slice) {}

    /** @param applier of the importer */
    SliceWriter(KubernetesClient client, Applier applier) {
        this.client = client;
        this.applier = applier;
    }

    /** The slice as it stands, by what the watch shows and by what we have put since. */
    EndpointSlice newest(EndpointSlice shown) {
        Put put = puts.get(key(shown));
        if (put == null) {
            return shown;
        }
        if (put.shown().equals(version(shown))) {
            return put.slice();
        }
        puts.remove(key(shown));
        return shown;
    }

    /**
     * Makes the slice what is wanted.
     *
     * @param newest one of ours that stands; null where the watch has shown none
     * @throws ForeignObjectException where one of somebody else's stands
     * @throws KubernetesClientException with the API's own words
     */
    void put(EndpointSlice wanted, @Nullable EndpointSlice newest) throws ForeignObjectException {
        try {
            if (newest == null) {
                applier.create(wanted);
            } else {
                wanted.getMetadata().setResourceVersion(version(newest));
                EndpointSlice now = applier.replace(wanted);
                puts.compute(
                        key(wanted),
                        (key, before) -> new Put(
                                before != null && before.slice() == newest ? before.shown() : version(newest), now));
            }
        } catch (KubernetesClientException e) {
            EndpointSlice stands = e.getCode() == HttpURLConnection.HTTP_CONFLICT
                    ? client.resource(wanted).get()
                    : null;
            if (stands == null) {
                throw e;
            }
            if (!isOurs(stands)) {
                throw new ForeignObjectException(wanted);
            }
            wanted.getMetadata().setResourceVersion(version(stands));
            applier.replace(wanted);
        }
    }

    /** It is deleted: nothing that was put stands. */
    void forget(EndpointSlice slice) {
        puts.remove(key(slice));
    }

    /** Forgets what was withdrawn until now: the watch has told of it, or will soon. */
    void forgetWithdrawn() {
        withdrawn.clear();
    }

    /** They are deleted, many at once, and the watch takes its time. */
    void withdrew(List<EndpointSlice> shown) {
        shown.forEach(slice -> {
            forget(slice);
            withdrawn.put(key(slice), version(slice));
        });
    }

    /** Whether the watch only has not told yet that the slice is gone. */
    boolean isWithdrawn(EndpointSlice shown) {
        return version(shown).equals(withdrawn.get(key(shown)));
    }

    private static boolean isOurs(EndpointSlice slice) {
        return slice.getMetadata().getLabels() != null
                && ObjectNames.MANAGED_BY.equals(slice.getMetadata().getLabels().get(ObjectNames.MANAGED_BY_LABEL));
    }

    private static String key(EndpointSlice slice) {
        return slice.getMetadata().getNamespace() + "/" + slice.getMetadata().getName();
    }

    private static String version(EndpointSlice slice) {
        return slice.getMetadata().getResourceVersion();
    }
}
