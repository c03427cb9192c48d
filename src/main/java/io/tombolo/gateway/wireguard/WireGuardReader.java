package io.tombolo.gateway.wireguard;

import io.tombolo.host.CommandFailedException;
import io.tombolo.host.CommandRunner;
import io.tombolo.net.Addresses;
import io.tombolo.net.Cidr;
import io.tombolo.net.Endpoint;
import io.tombolo.net.PresharedKey;
import io.tombolo.net.PublicKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What a device says of itself. */
public final class WireGuardReader {
    private final CommandRunner runner;

    public WireGuardReader(CommandRunner runner) {
        this.runner = runner;
    }

    /** @throws CommandFailedException where there is no WireGuard device of that name */
    public ObservedDevice read(String device) throws CommandFailedException {
        return parse(device, runner.run("wg", "show", device, "dump"));
    }

    /** The dump holds private keys: nothing here may repeat a line of it, in a message or elsewhere. */
    static ObservedDevice parse(String device, String dump) {
        List<String> lines = dump.lines().toList();
        if (lines.isEmpty()) {
            throw new IllegalStateException("wg show " + device + " dump printed nothing");
        }
        String[] own = lines.getFirst().split("\t", -1);
        if (own.length < 4) {
            throw new IllegalStateException("wg show " + device + " dump printed what this version cannot read");
        }
        List<ObservedPeer> peers = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            String[] words = line.split("\t", -1);
            if (words.length < 8) {
                throw new IllegalStateException("wg show " + device + " dump printed what this version cannot read");
            }
            peers.add(peer(words));
        }
        Optional<PublicKey> publicKey =
                own[0].equals("(none)") ? Optional.empty() : Optional.of(PublicKey.parse(own[1]));
        return new ObservedDevice(device, publicKey, Integer.parseInt(own[2]), peers);
    }

    private static ObservedPeer peer(String[] words) {
        long handshake = Long.parseLong(words[4]);
        return new ObservedPeer(
                PublicKey.parse(words[0]),
                words[1].equals("(none)") ? Optional.empty() : Optional.of(PresharedKey.parse(words[1])),
                words[2].equals("(none)") ? Optional.empty() : Optional.of(endpoint(words[2])),
                words[3].equals("(none)")
                        ? List.of()
                        : Arrays.stream(words[3].split(",")).map(Cidr::parse).toList(),
                handshake == 0 ? Optional.empty() : Optional.of(Instant.ofEpochSecond(handshake)),
                Long.parseLong(words[5]),
                Long.parseLong(words[6]),
                words[7].equals("off") ? 0 : Integer.parseInt(words[7]));
    }

    private static Endpoint endpoint(String text) {
        int colon = text.lastIndexOf(':');
        String address = text.substring(0, colon).replace("[", "").replace("]", "");
        int zone = address.indexOf('%');
        return new Endpoint(
                Addresses.parse(zone < 0 ? address : address.substring(0, zone)),
                Integer.parseInt(text.substring(colon + 1)));
    }
}
