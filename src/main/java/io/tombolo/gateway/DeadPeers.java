package io.tombolo.gateway;

import io.tombolo.net.ClusterId;
import io.tombolo.plan.route.PathState;
import io.tombolo.plan.tunnel.Peer;
import io.tombolo.plan.tunnel.Topology;
import io.tombolo.plan.tunnel.Wire;
import io.tombolo.probe.Prober;
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
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Tells the peers that are dead from those that are only deaf. An agent that is started anew or paused answers no probe
 * while its lanes carry on, so silence alone takes no route away: the kernels of the peer's gateways are asked, too, for a
 * connection to the port of the exchange. A kernel accepts or refuses it, whatever the agent is at.
 */
final class DeadPeers implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(DeadPeers.class.getName());

    /** Together with the probes' own, within the second in which whoever speaks to the dead is to hear of it. */
    private static final Duration PATIENCE = Duration.ofMillis(300);

    private static final Duration AGAIN = Duration.ofMillis(500);

    private final int slot;
    private final Kernels kernels;
    private final Runnable changed;
    private final Thread thread;
    private final ExecutorService asking = Executors.newVirtualThreadPerTaskExecutor();
    private Map<ClusterId, List<Way>> silent = Map.of();
    private Set<ClusterId> dead = Set.of();
    private boolean closed;

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
        this.thread = Thread.ofPlatform().name("dead-peers").daemon().start(this::loop);
    }

    /** Over TCP. */
    static boolean connects(Way way) {
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
            boolean quiet = !peer.lanes().isEmpty()
                    && peer.lanes().stream()
                            .allMatch(lane -> isSilent(paths, new PathKey(peer.clusterId(), lane.slot())));
            if (quiet) {
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
            notifyAll();
        }
    }

    /** Of a lane that is heard but does not hear us, somebody lives. */
    private static boolean isSilent(Map<PathKey, Prober.Path> paths, PathKey lane) {
        Prober.Path path = paths.get(lane);
        return path != null && path.state() instanceof PathState.Down(Problem reason) && reason != Problem.NO_HANDSHAKE;
    }

    private void loop() {
        try {
            while (true) {
                Map<ClusterId, List<Way>> ask;
                synchronized (this) {
                    while (silent.isEmpty() && !closed) {
                        wait();
                    }
                    if (closed) {
                        return;
                    }
                    ask = silent;
                }
                Set<ClusterId> unanswered = unanswered(ask);
                synchronized (this) {
                    bury(unanswered);
                    if (ask.equals(silent) && !closed) {
                        wait(AGAIN.toMillis());
                    }
                }
            }
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
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        asking.shutdownNow();
        try {
            thread.join(Duration.ofSeconds(1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
