package io.tombolo.gateway;

import io.tombolo.net.ClusterId;
import io.tombolo.plan.tunnel.Peer;
import io.tombolo.plan.tunnel.Topology;
import io.tombolo.plan.tunnel.Wire;
import io.tombolo.probe.Prober;
import io.tombolo.probe.SteeringLoop;
import io.tombolo.problem.Problem;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Tells the peers that are dead from those that are only deaf. An agent that is started anew or paused answers no probe
 * while its lanes carry on, so silence alone takes no route away: the kernels of the peer's gateways are asked, too, for a
 * connection to the port of the exchange. A kernel accepts or refuses it, whatever the agent is at.
 */
final class DeadPeers implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(DeadPeers.class.getName());

    /** All asks and the probes' own patience are the second in which whoever speaks to the dead is to hear of it. */
    private static final Duration PATIENCE = Duration.ofMillis(250);

    private static final int ASKS = 2;

    private static final Duration AGAIN = Duration.ofMillis(500);

    /** What is wrong with a lane on which nobody is heard. */
    private static final Set<Optional<Problem>> SILENT =
            Set.of(Optional.of(Problem.UNREACHABLE), Optional.of(Problem.NEVER_CONNECTED));

    private final int slot;
    private final Kernels kernels;
    private final Runnable changed;
    private final SteeringLoop<Map<ClusterId, List<Way>>> loop;
    private final ExecutorService asking = Executors.newVirtualThreadPerTaskExecutor();
    private Map<ClusterId, List<Way>> silent = Map.of();
    private Set<ClusterId> dead = Set.of();

    /** The far ends of lanes. */
    @FunctionalInterface
    interface Kernels {
        /** Asks, and waits for a moment. @return whether anybody is there */
        boolean answer(Way way);
    }

    /** From a lane of ours to one of a peer's. */
    record Way(InetSocketAddress from, InetSocketAddress to) {}

    /** @param changed called after a peer was found dead, or not to be: return at once */
    DeadPeers(int slot, Kernels kernels, Runnable changed) {
        this.slot = slot;
        this.kernels = kernels;
        this.changed = changed;
        this.loop = new SteeringLoop<>("dead-peers", AGAIN, this::ask);
    }

    /** Over TCP, a second time where the first is not answered: one lost SYN, or a moment without a CPU, is no death. */
    static boolean connects(Way way) {
        return IntStream.range(0, ASKS).anyMatch(_ -> answers(way));
    }

    private static boolean answers(Way way) {
        try (Socket socket = new Socket()) {
            socket.bind(way.from());
            socket.connect(way.to(), (int) PATIENCE.toMillis());
            return true;
        } catch (ConnectException e) {
            return true; // refused
        } catch (IOException e) {
            LOG.log(Level.TRACE, "{0} is silent: {1}", way.to(), e.getMessage());
            return false;
        }
    }

    /** Those of whom nobody answers. */
    synchronized Set<ClusterId> dead() {
        return dead;
    }

    /** Whom to ask from now on: the peers of which every lane is silent. */
    synchronized void follow(Topology topology, Map<PathKey, Prober.Path> paths) {
        Map<ClusterId, List<Way>> now = new TreeMap<>();
        for (Peer peer : topology.peers().values()) {
            Set<Optional<Problem>> lanes = peer.lanes().stream()
                    .map(lane -> problem(paths.get(new PathKey(peer.clusterId(), lane.slot()))))
                    .collect(Collectors.toSet());
            if (isSilent(lanes)) {
                InetSocketAddress from =
                        new InetSocketAddress(topology.local().tunnelAddress().lane(slot), 0);
                now.put(
                        peer.clusterId(),
                        peer.lanes().stream()
                                .map(lane -> new Way(
                                        from,
                                        new InetSocketAddress(
                                                peer.address().lane(lane.slot()), Wire.EXCHANGE_TCP_PORT)))
                                .toList());
            }
        }
        if (!now.equals(silent)) {
            silent = now;
            bury(dead);
            loop.follow(now);
        }
    }

    /**
     * Of a lane that is heard but does not hear us, somebody lives; and who was heard on none may be about to come: the first
     * packet shall find its routes when the lane carries it.
     */
    private static boolean isSilent(Set<Optional<Problem>> lanes) {
        return lanes.contains(Optional.of(Problem.UNREACHABLE)) && SILENT.containsAll(lanes);
    }

    private static Optional<Problem> problem(Prober.@Nullable Path path) {
        return Optional.ofNullable(path).flatMap(p -> p.state().problem());
    }

    private void ask(Map<ClusterId, List<Way>> ways) {
        try {
            bury(unanswered(ways));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Set<ClusterId> unanswered(Map<ClusterId, List<Way>> ask) throws InterruptedException {
        Map<ClusterId, List<Future<Boolean>>> asked = new TreeMap<>();
        ask.forEach((peer, ways) -> ways.forEach(way ->
                asked.computeIfAbsent(peer, _ -> new ArrayList<>()).add(asking.submit(() -> kernels.answer(way)))));
        Set<ClusterId> unanswered = new TreeSet<>();
        for (Map.Entry<ClusterId, List<Future<Boolean>>> peer : asked.entrySet()) {
            boolean answered = false;
            for (Future<Boolean> answer : peer.getValue()) {
                answered |= isYes(answer);
            }
            if (!answered) {
                unanswered.add(peer.getKey());
            }
        }
        return unanswered;
    }

    /** What cannot be asked is not known to be dead. */
    private static boolean isYes(Future<Boolean> answer) throws InterruptedException {
        try {
            return answer.get();
        } catch (ExecutionException e) {
            LOG.log(Level.WARNING, "a peer cannot be asked whether it lives", e);
            return true;
        }
    }

    private synchronized void bury(Set<ClusterId> unanswered) {
        Set<ClusterId> now = new TreeSet<>(unanswered);
        now.retainAll(silent.keySet());
        if (!now.equals(dead)) {
            dead = Set.copyOf(now);
            changed.run();
        }
    }

    @Override
    public void close() {
        loop.close();
        asking.shutdownNow();
    }
}
