package io.tombolo.operator;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.OperatorException;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfigurationBuilder;
import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import io.tombolo.api.v1alpha1.LocalCluster;
import io.tombolo.kube.Change;
import io.tombolo.kube.ObjectNames;
import io.tombolo.operator.clusterlink.ClusterLinkReconciler;
import io.tombolo.operator.globalservice.GlobalServiceReconciler;
import io.tombolo.operator.localcluster.CorednsWiring;
import io.tombolo.operator.localcluster.LocalClusterReconciler;
import io.tombolo.operator.localcluster.NetworkReconciler;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * One operator process: it watches, stands for election, and reconciles while it leads. Who loses the Lease stops and
 * stands again, in the same process: an API server that was away for a minute must not cost a restart's back-off too.
 */
public final class OperatorProcess implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(OperatorProcess.class.getName());
    // a leader that was killed is followed within LEASE + RETRY
    private static final Duration LEASE = Duration.ofSeconds(8);
    private static final Duration RENEW_DEADLINE = Duration.ofSeconds(6);
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final Duration TIDY = Duration.ofSeconds(5);

    private final OperatorParts parts;
    private final Metrics metrics;
    private final String identity;
    private final BlockingQueue<Turn> turns = new LinkedBlockingQueue<>();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("operator-timer").daemon().factory());
    private final Consumer<Change<?>> localClusterListener = this::localClusterChanged;
    private final Thread main;
    private volatile boolean leading;
    private volatile boolean stopping;

    /** What ends a term. */
    private enum Turn {
        LOST,
        STOP
    }

    /** Starts at once, also while the API server is away. */
    public OperatorProcess(KubernetesClient client, String image, String version, Metrics metrics, Clock clock) {
        World world = new World(client);
        this.parts = new OperatorParts(
                client,
                world,
                new TopologyReader(world),
                new CorednsWiring(client, clock, () -> world.localCluster().isPresent()),
                new Events(client),
                image,
                version,
                clock);
        this.metrics = metrics;
        String pod = System.getenv("POD_NAME");
        this.identity = (pod == null ? ObjectNames.OPERATOR : pod) + "-" + UUID.randomUUID();
        this.main = Thread.ofPlatform().name("operator").unstarted(this::serve);
    }

    public OperatorProcess start() {
        parts.world().onChange(LocalCluster.class, localClusterListener);
        var unused = timer.scheduleWithFixedDelay(
                this::unwireWhereAbandoned, TIDY.toMillis(), TIDY.toMillis(), TimeUnit.MILLISECONDS);
        main.start();
        return this;
    }

    /** Whether this process knows the world: it can take over at any time. */
    public boolean isReady() {
        return main.isAlive() && parts.world().isSynced();
    }

    public boolean isLeading() {
        return leading;
    }

    private void serve() {
        while (!stopping) {
            Operator operator = operator();
            try {
                operator.start();
                turns.take();
            } catch (OperatorException e) {
                LOG.log(Level.WARNING, "the operator could not start and tries again: {0}", e.getMessage());
                pause();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                stopping = true;
            }
            leading = false;
            stop(operator);
        }
        giveUpLease();
    }

    /**
     * So that the next leader need not wait for its end. JOSDK's election would do it, but its threads are stopped before it
     * is, and then it does not.
     */
    private void giveUpLease() {
        try {
            Lease lease = parts.client()
                    .leases()
                    .inNamespace(ObjectNames.namespace())
                    .withName(ObjectNames.OPERATOR)
                    .get();
            if (lease != null && identity.equals(lease.getSpec().getHolderIdentity())) {
                lease.getSpec().setHolderIdentity("");
                parts.client().resource(lease).update(); // of this version: if it is another's by now, it stays so
            }
        } catch (KubernetesClientException e) {
            LOG.log(Level.INFO, "the next leader waits for the end of our lease: {0}", e.getMessage());
        }
    }

    private Operator operator() {
        turns.clear();
        Operator operator = new Operator(overrider -> overrider
                .withKubernetesClient(parts.client())
                .withCloseClientOnStop(false)
                .withMetrics(metrics)
                .checkingCRDAndValidateLocalModel(false)
                .withUseSSAToPatchPrimaryResource(true)
                .withStopOnInformerErrorDuringStartup(false)
                .withConcurrentReconciliationThreads(8)
                .withReconciliationTerminationTimeout(Duration.ofSeconds(2))
                .withLeaderElectionConfiguration(election()));
        operator.register(new LocalClusterReconciler(parts));
        operator.register(new NetworkReconciler(parts));
        operator.register(new ClusterLinkReconciler(parts));
        operator.register(new GlobalServiceReconciler(parts));
        return operator;
    }

    private LeaderElectionConfiguration election() {
        return LeaderElectionConfigurationBuilder.aLeaderElectionConfiguration(ObjectNames.OPERATOR)
                .withLeaseNamespace(ObjectNames.namespace())
                .withIdentity(identity)
                .withLeaseDuration(LEASE)
                .withRenewDeadline(RENEW_DEADLINE)
                .withRetryPeriod(RETRY)
                .withLeaderCallbacks(new LeaderCallbacks(
                        this::lead, this::lose, leader -> LOG.log(Level.INFO, "leader: {0}", leader)))
                // JOSDK means this for tests; but its System.exit, called while the process shuts down, waits for
                // itself
                .buildForTest(false);
    }

    private void localClusterChanged(Change<?> change) {
        timer.execute(this::unwireWhereAbandoned);
    }

    private void lead() {
        leading = true;
        timer.execute(this::unwireWhereAbandoned);
    }

    private void lose() {
        leading = false;
        turns.add(Turn.LOST);
    }

    /** Without a LocalCluster nobody answers for clusterset.local: the one thing that ownership cannot take away. */
    private void unwireWhereAbandoned() {
        if (!leading
                || !parts.world().isSynced()
                || parts.world().localCluster().isPresent()) {
            return;
        }
        try {
            parts.coredns().unwire();
        } catch (KubernetesClientException e) {
            LOG.log(Level.WARNING, "the cluster DNS still forwards to us; tried again: {0}", e.getMessage());
        }
    }

    private void stop(Operator operator) {
        try {
            operator.stop();
        } catch (OperatorException e) {
            LOG.log(Level.WARNING, "the operator did not stop cleanly", e);
        }
    }

    private void pause() {
        try {
            Turn ended = turns.poll(RETRY.toMillis(), TimeUnit.MILLISECONDS);
            LOG.log(Level.FINE, "after a pause: {0}", ended);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stopping = true;
        }
    }

    /** Stops; where our namespace is going too, nobody comes after us, and the cluster DNS is unwired first. */
    @Override
    public void close() {
        stopping = true;
        if (leading && isNamespaceGoing()) {
            try {
                parts.coredns().unwire();
            } catch (KubernetesClientException e) {
                LOG.log(
                        Level.WARNING,
                        "the cluster DNS still forwards {0}: run kubectl tombolo uninstall",
                        e.getMessage());
            }
        }
        turns.add(Turn.STOP);
        try {
            main.join(Duration.ofSeconds(6));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        timer.shutdownNow();
        parts.world().forget(LocalCluster.class, localClusterListener);
        parts.world().close();
    }

    private boolean isNamespaceGoing() {
        try {
            Namespace namespace = parts.client()
                    .namespaces()
                    .withName(ObjectNames.namespace())
                    .get();
            return namespace == null || namespace.getMetadata().getDeletionTimestamp() != null;
        } catch (KubernetesClientException e) {
            return false; // could not tell: never unwire on a guess
        }
    }
}
