package io.tombolo.kube;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.tombolo.net.ClusterId;
import io.tombolo.net.PresharedKey;
import io.tombolo.net.PrivateKey;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Secret {@code tombolo-gateway}: what every gateway of the cluster reads. Keys {@code door-<slot>},
 * {@code lane-<slot>-<generation>} and {@code psk-<link>}, each 44 characters of base64.
 *
 * @param doors by slot
 * @param lanes by slot, then generation
 * @param presharedKeys by link
 */
public record GatewaySecret(
        SortedMap<Integer, PrivateKey> doors,
        SortedMap<Integer, SortedMap<Integer, PrivateKey>> lanes,
        SortedMap<ClusterId, PresharedKey> presharedKeys) {
    private static final Pattern KEY = Pattern.compile("(door)-([0-7])|(lane)-([0-7])-([1-9][0-9]{0,8})|(psk)-(.+)");

    public GatewaySecret {
        doors = Collections.unmodifiableSortedMap(new TreeMap<>(doors));
        lanes = Collections.unmodifiableSortedMap(new TreeMap<>(lanes));
        presharedKeys = Collections.unmodifiableSortedMap(new TreeMap<>(presharedKeys));
    }

    public static GatewaySecret empty() {
        return new GatewaySecret(new TreeMap<>(), new TreeMap<>(), new TreeMap<>());
    }

    /** The lane key in use for a slot, and the one after it while the slot changes to it: the two highest generations. */
    public Optional<Lane> lane(int slot) {
        SortedMap<Integer, PrivateKey> generations = lanes.getOrDefault(slot, new TreeMap<>());
        Optional<Lane> lane = Optional.empty();
        for (Map.Entry<Integer, PrivateKey> each : generations.entrySet()) {
            boolean newest = each.getKey().equals(generations.lastKey());
            lane = newest && lane.isPresent()
                    ? Optional.of(new Lane(lane.get().generation(), lane.get().key(), Optional.of(each.getValue())))
                    : Optional.of(new Lane(each.getKey(), each.getValue(), Optional.empty()));
        }
        return lane;
    }

    /**
     * @param generation 1 and up
     * @param next of the generation after it
     */
    public record Lane(int generation, PrivateKey key, Optional<PrivateKey> next) {}

    /** Reads a Secret; entries that are not whole are left out, so that the operator mints them anew. */
    public static GatewaySecret decode(Secret secret) {
        SortedMap<Integer, PrivateKey> doors = new TreeMap<>();
        SortedMap<Integer, SortedMap<Integer, PrivateKey>> lanes = new TreeMap<>();
        SortedMap<ClusterId, PresharedKey> psks = new TreeMap<>();
        Map<String, String> entries = secret.getData() == null ? Map.of() : secret.getData();
        entries.forEach((name, value) -> {
            Matcher key = KEY.matcher(name);
            if (!key.matches()) {
                return;
            }
            if (key.group(1) != null) {
                parse(text(value), PrivateKey::parse).ifPresent(k -> doors.put(Integer.valueOf(key.group(2)), k));
            } else if (key.group(3) != null) {
                parse(text(value), PrivateKey::parse)
                        .ifPresent(k -> lanes.computeIfAbsent(Integer.valueOf(key.group(4)), s -> new TreeMap<>())
                                .put(Integer.valueOf(key.group(5)), k));
            } else {
                parse(key.group(7), ClusterId::new).ifPresent(link -> parse(text(value), PresharedKey::parse)
                        .ifPresent(k -> psks.put(link, k)));
            }
        });
        return new GatewaySecret(doors, lanes, psks);
    }

    /** The Secret without owner. */
    public Secret encode(String namespace) {
        Map<String, String> entries = new TreeMap<>();
        doors.forEach((slot, key) -> entries.put("door-" + slot, base64(key.encoded())));
        lanes.forEach((slot, generations) -> generations.forEach(
                (generation, key) -> entries.put("lane-" + slot + "-" + generation, base64(key.encoded()))));
        presharedKeys.forEach((link, key) -> entries.put("psk-" + link, base64(key.encoded())));
        return new SecretBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(ObjectNames.GATEWAY)
                .endMetadata()
                .withType("Opaque")
                .withData(entries)
                .build();
    }

    private static <T> Optional<T> parse(String text, Function<String, T> parser) {
        try {
            return Optional.of(parser.apply(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** A trailing newline is what `wg genkey >file` leaves; anything else that is not the key is refused by the parser. */
    private static String text(String base64) {
        try {
            return new String(Base64.getDecoder().decode(base64), StandardCharsets.US_ASCII).strip();
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    }
}
