package io.tombolo.gateway;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.tombolo.exchange.PeerExports;
import io.tombolo.host.PosixSpawnRunner;
import io.tombolo.host.RpFilter;
import io.tombolo.host.StateDirectory;
import io.tombolo.kube.Applier;
import io.tombolo.kube.Clients;
import io.tombolo.kube.ObjectNames;
import io.tombolo.net.ClusterId;
import io.tombolo.plan.removal.Evidence;
import io.tombolo.plan.removal.Removal;
import io.tombolo.probe.SteeringLoop;
import io.tombolo.services.ServicePlane;
import io.tombolo.trust.SignedAnnouncement;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The {@code gateway} role: one slot of this cluster, on this node. Environment: NODE_NAME, POD_NAME, POD_UID, POD_NAMESPACE. */
public final class GatewayRole implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(GatewayRole.class.getName());
    private static final Pattern POD = Pattern.compile(".*-([0-7])");
    private static final Duration STATUS_TICK = Duration.ofMillis(500);
    private static final Duration HOUSEKEEPING = Duration.ofSeconds(2);
    private static final long LOOK_AGAIN_MILLIS = 300;
    private static final String READY = "ready";
    private static final String VERSION = Optional.ofNullable(
                    GatewayRole.class.getPackage().getImplementationVersion())
            .orElse("0.1.0");

    private final StateDirectory state;
    private final ObjectWatch objects;
    private final Witness witness;
    private final ServicePlane services;
    private final SharedServices shared;
    private final PathStatusWriter pathStatuses;
    private final PeerStatusWriter peerStatuses;
    /** On a thread of its own: the API server may take its time. */
    private final SteeringLoop<Pass> statuses = new SteeringLoop<>("status", STATUS_TICK, this::writeStatuses);

    private final Gateway gateway;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("housekeeping").daemon().factory());
    private final Object cleaning = new Object();
    private volatile boolean removed;
    private volatile boolean ready;

    /**
     * @param slot which gateway of the cluster, the ordinal of the pod
     * @param node the name of the node
     * @param pod which pod this is, its UID with its name: one that takes the place of another has the same name
     */
    record Self(int slot, String node, String pod) {
        /** @throws IllegalArgumentException saying which variable is missing or wrong */
        static Self from(Map<String, String> environment) {
            String node = environment.getOrDefault("NODE_NAME", "");
            Matcher pod = POD.matcher(environment.getOrDefault("POD_NAME", ""));
            if (node.isBlank()) {
                throw new IllegalArgumentException("NODE_NAME is not set: the pod's spec must give it (spec.nodeName)");
            }
            if (!pod.matches()) {
                throw new IllegalArgumentException(
                        "POD_NAME must end in the slot, -0 to -7: a gateway runs as pod of a StatefulSet");
            }
            String uid = environment.getOrDefault("POD_UID", "");
            if (uid.isBlank()) {
                throw new IllegalArgumentException("POD_UID is not set: the pod's spec must give it (metadata.uid)");
            }
            return new Self(Integer.parseInt(pod.group(1)), node, pod.group() + "_" + uid);
        }
    }

    GatewayRole(KubernetesClient client, Self self, StateDirectory state, DataPlane dataPlane) throws IOException {
        this.state = state;
        state.delete(READY);
        Clock clock = Clock.systemUTC();
        services = new ServicePlane(
                client,
                new ServicePlane.Self(self.slot(), VERSION, self.pod(), ObjectNames.namespace()),
                new FromServices());
        shared = new SharedServices(services, state);
        objects = new ObjectWatch(client, state, this::trigger);
        witness = new Witness(client, objects, self.slot(), clock);
        gateway = new Gateway(self.slot(), dataPlane, state, this::world, shared::exposure, this::passed);
        pathStatuses = new PathStatusWriter(
                self.slot(),
                objects::link,
                new Applier(client, ObjectNames.gatewayManager(self.slot()))::applyStatus,
                clock);
        peerStatuses = new PeerStatusWriter(client, objects::link, gateway.announcements(), services, clock);
    }

    /** Runs until the process is told to stop. @return exit status: 0, or 2 where the environment is wrong */
    public static int run(List<String> args) {
        Self self;
        try {
            if (!args.isEmpty()) {
                throw new IllegalArgumentException("the gateway takes no arguments: " + args);
            }
            self = Self.from(System.getenv());
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            return 2;
        }
        CountDownLatch stopped = new CountDownLatch(1);
        try (KubernetesClient client = Clients.forRole("gateway");
                GatewayRole role = onHost(client, self)) {
            Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
                role.stop();
                stopped.countDown();
            }));
            role.start();
            stopped.await();
            return 0;
        } catch (IOException | IllegalStateException e) {
            LOG.log(Level.ERROR, "the gateway cannot start", e);
            return 1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 1;
        }
    }

    private static GatewayRole onHost(KubernetesClient client, Self self) throws IOException {
        StateDirectory state = StateDirectory.open(StateDirectory.HOST);
        DataPlane plane = new DataPlane(
                PosixSpawnRunner.create(), RpFilter::loosen, state, Clock.systemUTC(), self.slot(), self.node());
        return new GatewayRole(client, self, state, plane);
    }

    void start() {
        LOG.log(Level.INFO, "gateway starts in namespace {0}", ObjectNames.namespace());
        gateway.start();
        var unused = timer.scheduleWithFixedDelay(
                this::housekeep, HOUSEKEEPING.toMillis(), HOUSEKEEPING.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void trigger() {
        // the watches start before the gateway is there
        Gateway started = gateway;
        if (started != null) {
            started.trigger();
        }
        if (objects != null && objects.networkDeleted() != removed) {
            timer.execute(this::lookForProof);
        }
    }

    private Optional<World> world() {
        return removed ? Optional.empty() : objects.objects().flatMap(WorldReader::read);
    }

    private void passed(Pass pass) {
        statuses.follow(pass); // first: names of a dead peer wait for it
        services.update(pass.topology(), pass.live());
        pass.world().ours().ifPresent(ours -> services.announce(ours.signed()));
        if (pass.ready() != ready) {
            try {
                if (pass.ready()) {
                    state.write(READY, "the plan is applied\n");
                } else {
                    state.delete(READY);
                }
                ready = pass.ready(); // where the disk is full, the next pass tries again
            } catch (IOException e) {
                LOG.log(Level.WARNING, "readiness cannot be shown", e);
            }
        }
    }

    private void writeStatuses(Pass pass) {
        pathStatuses.write(pass);
        peerStatuses.write(pass);
    }

    private void housekeep() {
        try {
            lookForProof();
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "whether the installation is gone cannot be told; tried again", e);
        }
    }

    private void lookForProof() {
        if (removed) {
            if (!objects.networkDeleted()) {
                removed = false; // it was made anew: so are we
                gateway.trigger();
            }
            return;
        }
        Evidence evidence = witness.network();
        if (Removal.whileRunning(evidence) == Removal.Decision.CLEAN) {
            clean(evidence);
        }
    }

    private void clean(Evidence evidence) {
        synchronized (cleaning) {
            LOG.log(Level.INFO, "the installation is gone ({0}): this node is cleaned", evidence);
            removed = true;
            List<String> left = gateway.remove();
            left.forEach(failure -> LOG.log(Level.WARNING, "left behind: {0}", failure));
            ready = false;
            for (String file : List.of(READY, "objects", "announcements", "exposure")) {
                try {
                    state.delete(file);
                } catch (IOException e) {
                    LOG.log(Level.WARNING, "left behind: {0}", e.getMessage());
                }
            }
        }
    }

    /** Told to stop: an upgrade keeps everything, a removal leaves nothing; which it is must be proven. */
    void stop() {
        long since = System.nanoTime();
        services.stopWriting();
        boolean decided;
        synchronized (cleaning) { // a cleaning that has begun is waited for
            decided = removed;
        }
        if (!decided) {
            leave();
        }
        while (!decided) {
            Evidence evidence = witness.whenStopping();
            switch (Removal.whenStopping(evidence, Duration.ofNanos(System.nanoTime() - since))) {
                case KEEP -> {
                    LOG.log(Level.INFO, "stopping; the node keeps everything ({0})", evidence);
                    decided = true;
                }
                case CLEAN -> {
                    clean(evidence);
                    decided = true;
                }
                case WAIT -> decided = !pause();
            }
        }
    }

    private void leave() {
        try {
            gateway.leave();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean pause() {
        try {
            Thread.sleep(LOOK_AGAIN_MILLIS);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** What the services tell is handed to threads of ours. */
    private final class FromServices implements ServicePlane.Listener {
        /** Peers that were heard whole: before, the filter lets in what is on disk. On the exchange's thread only. */
        private final Set<ClusterId> whole = new HashSet<>();

        @Override
        public void announced(ClusterId peer, SignedAnnouncement announcement) {
            timer.execute(() -> gateway.announcements().offer(peer, announcement));
        }

        @Override
        public void exposureChanged() {
            trigger();
        }

        @Override
        public void peerChanged(ClusterId peer) {
            statuses.signal();
            boolean now = services.peer(peer).filter(PeerExports::complete).isPresent();
            if (now ? whole.add(peer) : whole.remove(peer)) {
                trigger();
            }
        }
    }

    @Override
    public void close() throws IOException {
        services.close();
        timer.shutdownNow();
        gateway.close();
        statuses.close();
        objects.close();
    }
}
