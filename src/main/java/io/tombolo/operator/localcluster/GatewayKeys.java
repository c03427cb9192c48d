package io.tombolo.operator.localcluster;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.tombolo.api.v1alpha1.LocalCluster;
import io.tombolo.kube.GatewaySecret;
import io.tombolo.kube.ObjectNames;
import io.tombolo.net.ClusterId;
import io.tombolo.net.PresharedKey;
import io.tombolo.net.PrivateKey;
import java.time.Clock;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Secret {@code tombolo-gateway}: what is missing is minted, and lane keys come and go as {@link LaneKeyPlanner} says. When
 * the newest of a slot was minted stands in an annotation of the Secret.
 */
final class GatewayKeys {
    private static final String MINTED = "tombolo.io/lane-minted-";

    private final KubernetesClient client;
    private final Clock clock;

    GatewayKeys(KubernetesClient client, Clock clock) {
        this.client = client;
        this.clock = clock;
    }

    /**
     * All keys of the gateways.
     *
     * @param minted when the newest lane key of each slot was
     */
    record Keys(GatewaySecret secret, SortedMap<Integer, Instant> minted) {
        /** Which of so many slots have more than one lane key. */
        List<Integer> changing(int slots) {
            return secret.lanes().headMap(slots).entrySet().stream()
                    .filter(slot -> slot.getValue().size() > 1)
                    .map(Map.Entry::getKey)
                    .toList();
        }
    }

    /**
     * @param slots how many gateways need keys
     * @param presharedKeys of the links; others go
     * @param used which lane keys the gateways use
     */
    Keys ensure(
            LocalCluster owner,
            int slots,
            Map<ClusterId, PresharedKey> presharedKeys,
            LaneKeyPlanner.Schedule schedule,
            LaneKeyUse used) {
        Secret found = client.secrets()
                .inNamespace(ObjectNames.namespace())
                .withName(ObjectNames.GATEWAY)
                .get();
        Instant now = clock.instant();
        Keys observed = found == null
                ? new Keys(GatewaySecret.empty(), new TreeMap<>())
                : new Keys(GatewaySecret.decode(found), minted(found));
        Keys whole = dated(wanted(observed.secret(), slots, presharedKeys), observed, made(found, now), now);
        Keys wanted = LaneKeyPlanner.next(slots(whole, slots, used), schedule, now)
                .map(step -> after(whole, step, now))
                .orElse(whole);
        Secret encoded = wanted.secret().encode(ObjectNames.namespace());
        if (found == null) {
            Ownership.claim(encoded, owner);
            annotate(encoded, wanted.minted());
            client.resource(encoded).create();
        } else if (Ownership.claim(found, owner) | !wanted.equals(observed)) {
            Map<String, String> entries = new HashMap<>(found.getData() == null ? Map.of() : found.getData());
            entries.keySet().removeIf(key -> key.startsWith("psk-") || key.startsWith("lane-"));
            entries.putAll(encoded.getData());
            found.setData(entries);
            annotate(found, wanted.minted());
            client.resource(found).update(); // refused where somebody else wrote meanwhile: the next pass sees that
        }
        return wanted;
    }

    static GatewaySecret wanted(GatewaySecret observed, int slots, Map<ClusterId, PresharedKey> presharedKeys) {
        SortedMap<Integer, PrivateKey> doors = new TreeMap<>(observed.doors());
        SortedMap<Integer, SortedMap<Integer, PrivateKey>> lanes = new TreeMap<>(observed.lanes());
        for (int slot = 0; slot < slots; slot++) {
            doors.computeIfAbsent(slot, s -> PrivateKey.generate());
            lanes.computeIfAbsent(slot, s -> new TreeMap<>(Map.of(1, PrivateKey.generate())));
        }
        return new GatewaySecret(doors, lanes, new TreeMap<>(presharedKeys));
    }

    /** @param made when the Secret was: as old are keys of which it does not say it */
    private static Keys dated(GatewaySecret secret, Keys observed, Instant made, Instant now) {
        SortedMap<Integer, Instant> dates = new TreeMap<>();
        secret.lanes()
                .keySet()
                .forEach(slot -> dates.put(
                        slot,
                        observed.secret().lanes().containsKey(slot)
                                ? observed.minted().getOrDefault(slot, made)
                                : now));
        return new Keys(secret, dates);
    }

    /** Keys of slots that nobody wants rest as they are. */
    private static List<LaneKeyPlanner.Slot> slots(Keys keys, int slots, LaneKeyUse used) {
        List<LaneKeyPlanner.Slot> all = new ArrayList<>();
        keys.secret()
                .lanes()
                .headMap(slots)
                .forEach((slot, generations) -> all.add(new LaneKeyPlanner.Slot(
                        slot,
                        generations.firstKey(),
                        generations.lastKey(),
                        keys.minted().getOrDefault(slot, Instant.EPOCH),
                        used.isTaken(slot, generations.lastKey()))));
        return all;
    }

    private static Keys after(Keys keys, LaneKeyPlanner.Step step, Instant now) {
        SortedMap<Integer, SortedMap<Integer, PrivateKey>> lanes =
                new TreeMap<>(keys.secret().lanes());
        SortedMap<Integer, Instant> minted = new TreeMap<>(keys.minted());
        SortedMap<Integer, PrivateKey> generations = new TreeMap<>(lanes.getOrDefault(step.slot(), new TreeMap<>()));
        switch (step) {
            case LaneKeyPlanner.Step.Mint(int slot, int generation) -> {
                generations.put(generation, PrivateKey.generate());
                minted.put(slot, now);
            }
            case LaneKeyPlanner.Step.Retire _ ->
                generations.headMap(generations.lastKey()).clear();
        }
        lanes.put(step.slot(), generations);
        return new Keys(
                new GatewaySecret(keys.secret().doors(), lanes, keys.secret().presharedKeys()), minted);
    }

    private static Instant made(@Nullable Secret found, Instant now) {
        return found == null || found.getMetadata().getCreationTimestamp() == null
                ? now
                : Instant.parse(found.getMetadata().getCreationTimestamp());
    }

    private static SortedMap<Integer, Instant> minted(Secret secret) {
        SortedMap<Integer, Instant> minted = new TreeMap<>();
        Map<String, String> annotations =
                Optional.ofNullable(secret.getMetadata().getAnnotations()).orElse(Map.of());
        for (int slot = 0; slot <= 7; slot++) {
            String text = annotations.get(MINTED + slot);
            if (text != null) {
                try {
                    minted.put(slot, Instant.parse(text));
                } catch (DateTimeParseException e) {
                    // written by hand: the Secret's own age counts
                }
            }
        }
        return minted;
    }

    private static void annotate(Secret secret, SortedMap<Integer, Instant> minted) {
        Map<String, String> annotations = new HashMap<>(
                Optional.ofNullable(secret.getMetadata().getAnnotations()).orElse(Map.of()));
        minted.forEach((slot, at) -> annotations.put(MINTED + slot, at.toString()));
        secret.getMetadata().setAnnotations(annotations);
    }
}
