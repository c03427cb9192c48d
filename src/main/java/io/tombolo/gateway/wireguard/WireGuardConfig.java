package io.tombolo.gateway.wireguard;

import io.tombolo.net.Cidr;
import io.tombolo.net.PresharedKey;
import io.tombolo.net.PrivateKey;
import io.tombolo.net.PublicKey;
import io.tombolo.plan.tunnel.WantedDevice;
import io.tombolo.plan.tunnel.WantedPeer;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The text for {@code wg addconf}: holds keys, goes to standard input, and is never printed. */
final class WireGuardConfig {
    /** What {@code wg} takes for no pre-shared key at all. */
    static final String NONE = Base64.getEncoder().encodeToString(new byte[32]);

    private WireGuardConfig() {}

    /**
     * What differs and nothing else: a peer that is told its allowed IPs anew has none for a moment, and wireguard-go opens
     * its sockets anew when it is told the port it has.
     */
    static String text(
            WantedDevice device, PrivateKey key, Map<PublicKey, PresharedKey> presharedKeys, DeviceDiff diff) {
        StringBuilder text = new StringBuilder("[Interface]\n");
        if (diff.key()) {
            text.append("PrivateKey = ").append(key.encoded()).append('\n');
        }
        if (diff.port()) {
            text.append("ListenPort = ").append(device.listenPort()).append('\n');
        }
        for (WantedPeer peer : device.peers()) {
            if (!diff.differing().contains(peer.publicKey())) {
                continue;
            }
            text.append("[Peer]\nPublicKey = ").append(peer.publicKey()).append('\n');
            text.append("PresharedKey = ")
                    .append(Optional.ofNullable(presharedKeys.get(peer.publicKey()))
                            .map(PresharedKey::encoded)
                            .orElse(NONE))
                    .append('\n');
            if (!peer.allowedIps().isEmpty()) {
                text.append("AllowedIPs = ")
                        .append(peer.allowedIps().stream().map(Cidr::toString).collect(Collectors.joining(", ")))
                        .append('\n');
            }
            if (diff.tellEndpoint().contains(peer.publicKey())) {
                peer.endpoint()
                        .ifPresent(e -> text.append("Endpoint = ").append(e).append('\n'));
            }
            text.append("PersistentKeepalive = ")
                    .append(peer.persistentKeepalive())
                    .append('\n');
        }
        return text.toString();
    }
}
