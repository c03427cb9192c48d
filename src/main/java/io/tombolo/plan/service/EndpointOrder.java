package io.tombolo.plan.service;

import io.tombolo.net.ClusterId;
import io.tombolo.net.NamespacedName;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which endpoints are used first where not all are, by rendezvous hashing: the order follows from each endpoint alone, so
 * one that comes or goes displaces one other at most. Every importing cluster has an order of its own, or all of them
 * would leave the same endpoints idle.
 */
final class EndpointOrder {
    private EndpointOrder() {}

    static List<InetAddress> of(ClusterId local, NamespacedName service, Collection<InetAddress> endpoints) {
        long salt = fnv(0xcbf29ce484222325L, (local + "/" + service + "/").getBytes(StandardCharsets.US_ASCII));
        Map<InetAddress, Long> weights = new HashMap<>();
        endpoints.forEach(address -> weights.put(address, mix(fnv(salt, address.getAddress()))));
        return weights.keySet().stream()
                .sorted(Comparator.<InetAddress, Long>comparing(weights::get)
                        .thenComparing(InetAddress::getAddress, Arrays::compareUnsigned))
                .toList();
    }

    /** FNV-1a. */
    private static long fnv(long hash, byte[] bytes) {
        long now = hash;
        for (byte b : bytes) {
            now = (now ^ (b & 0xff)) * 0x100000001b3L;
        }
        return now;
    }

    /** The mixer of SplitMix64, so that neighbours do not correlate. */
    private static long mix(long hash) {
        long now = (hash ^ (hash >>> 30)) * 0xbf58476d1ce4e5b9L;
        now = (now ^ (now >>> 27)) * 0x94d049bb133111ebL;
        return now ^ (now >>> 31);
    }
}
