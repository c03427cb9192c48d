package io.tombolo.gateway.wireguard;

import io.tombolo.net.Cidr;
import io.tombolo.net.PresharedKey;
import io.tombolo.net.PrivateKey;
import io.tombolo.net.PublicKey;
import io.tombolo.plan.tunnel.WantedDevice;
import io.tombolo.plan.tunnel.WantedPeer;
import java.util.Collection;
import java.util.Map;
import java.util.stream.Collectors;

/** The text for {@code wg syncconf}: holds keys, goes to standard input, and is never printed. */
final class WireGuardConfig {
    private WireGuardConfig() {}

    /** @param tellEndpoint peers whose endpoint is set; that of the others stays as the device has it */
    static String text(
            WantedDevice device,
            PrivateKey key,
            Map<PublicKey, PresharedKey> presharedKeys,
            Collection<PublicKey> tellEndpoint) {
        StringBuilder text = new StringBuilder("[Interface]\n");
        text.append("PrivateKey = ").append(key.encoded()).append('\n');
        text.append("ListenPort = ").append(device.listenPort()).append('\n');
        for (WantedPeer peer : device.peers()) {
            text.append("[Peer]\nPublicKey = ").append(peer.publicKey()).append('\n');
            PresharedKey psk = presharedKeys.get(peer.publicKey());
            if (psk != null) {
                text.append("PresharedKey = ").append(psk.encoded()).append('\n');
            }
            text.append("AllowedIPs = ")
                    .append(peer.allowedIps().stream().map(Cidr::toString).collect(Collectors.joining(", ")))
                    .append('\n');
            if (tellEndpoint.contains(peer.publicKey())) {
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
