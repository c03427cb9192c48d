package io.tombolo.gateway;

import io.tombolo.host.StateDirectory;
import io.tombolo.net.Addresses;
import io.tombolo.net.ClusterId;
import io.tombolo.net.Transport;
import io.tombolo.plan.firewall.Exposure;
import io.tombolo.plan.firewall.ServiceSocket;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which sockets may be spoken to across the links: as known now, and where something is not known yet, as it was when this
 * gateway last knew. Without this an agent that starts again would close what is in use until all is heard anew.
 */
final class ExposureKeeper {
    private static final System.Logger LOG = System.getLogger(ExposureKeeper.class.getName());
    private static final String FILE = "exposure";
    private static final long AT_MOST_EVERY_NANOS = 1_000_000_000L;

    private final StateDirectory disk;
    private Exposure last;
    private Exposure written;
    private long writtenAt = System.nanoTime() - AT_MOST_EVERY_NANOS;

    ExposureKeeper(StateDirectory disk) {
        this.disk = disk;
        this.last = load();
        this.written = last;
    }

    /**
     * @param exported by peer; empty while our own exports are not all listed
     * @param imported by peer; a peer whose snapshot has not been heard whole is absent
     * @param peers every linked cluster
     */
    Exposure merge(
            Optional<Map<ClusterId, Set<ServiceSocket>>> exported,
            Map<ClusterId, Set<ServiceSocket>> imported,
            Collection<ClusterId> peers) {
        Map<ClusterId, Set<ServiceSocket>> out = new HashMap<>();
        Map<ClusterId, Set<ServiceSocket>> in = new HashMap<>();
        for (ClusterId peer : peers) {
            keep(peer, exported.orElse(last.exported()), out);
            keep(peer, imported.containsKey(peer) ? imported : last.imported(), in);
        }
        last = new Exposure(out, in);
        save();
        return last;
    }

    private static void keep(
            ClusterId peer, Map<ClusterId, Set<ServiceSocket>> from, Map<ClusterId, Set<ServiceSocket>> into) {
        Set<ServiceSocket> sockets = from.get(peer);
        if (sockets != null) {
            into.put(peer, sockets);
        }
    }

    private void save() {
        long now = System.nanoTime();
        if (last.equals(written) || now - writtenAt < AT_MOST_EVERY_NANOS) {
            return; // a later pass, a few seconds from now at most, writes it
        }
        writtenAt = now;
        StringBuilder text = new StringBuilder();
        append(text, "out", last.exported());
        append(text, "in", last.imported());
        try {
            disk.write(FILE, text.toString());
            written = last;
        } catch (IOException e) {
            LOG.log(Level.WARNING, "what is shared cannot be kept on disk", e);
        }
    }

    private static void append(StringBuilder text, String direction, Map<ClusterId, Set<ServiceSocket>> sockets) {
        for (ClusterId peer : new TreeSet<>(sockets.keySet())) {
            text.append(direction).append(' ').append(peer).append('\n'); // known, also where nothing is shared
            for (ServiceSocket socket : sockets.getOrDefault(peer, Set.of())) {
                text.append(direction).append(' ').append(peer).append(' ');
                text.append(Addresses.text(socket.address())).append(' ').append(socket.transport());
                text.append(' ').append(socket.port()).append('\n');
            }
        }
    }

    private Exposure load() {
        try {
            if (disk.read(FILE) instanceof StateDirectory.Stored.Whole whole) {
                Map<ClusterId, Set<ServiceSocket>> out = new HashMap<>();
                Map<ClusterId, Set<ServiceSocket>> in = new HashMap<>();
                for (String line : whole.text().lines().toList()) {
                    String[] words = line.split(" ", -1);
                    Set<ServiceSocket> known = (words[0].equals("out") ? out : in)
                            .computeIfAbsent(new ClusterId(words[1]), _ -> new HashSet<>());
                    if (words.length > 2) {
                        known.add(new ServiceSocket(
                                Addresses.parse(words[2]), Transport.valueOf(words[3]), Integer.parseInt(words[4])));
                    }
                }
                return new Exposure(out, in);
            }
        } catch (IOException | IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
            LOG.log(Level.WARNING, "what was shared cannot be read from disk; it is heard anew", e);
        }
        return Exposure.NOTHING;
    }
}
