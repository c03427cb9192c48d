package io.tombolo.dns;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.tombolo.dns.server.DnsServer;
import io.tombolo.dns.server.QueryCounters;
import io.tombolo.dns.server.ServedZone;
import io.tombolo.dns.zone.Zone;
import io.tombolo.kube.Clients;
import io.tombolo.observe.Exposition;
import io.tombolo.observe.HealthEndpoint;
import io.tombolo.observe.Metric;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** The {@code dns} role: a server, a health endpoint, and one thread that keeps the zone equal to the world. */
public final class DnsRole implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(DnsRole.class.getName());
    private static final long TICK_MILLIS = 200;
    private static final Duration STATE_EVERY = Duration.ofSeconds(5);

    private final DnsOptions options;
    private final ServedZone served = new ServedZone();
    private final QueryCounters counters = new QueryCounters();
    private final AtomicInteger serial = new AtomicInteger();
    private final AtomicBoolean passWaits = new AtomicBoolean();
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final ScheduledExecutorService keeperThread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("dns-zone").factory());
    private final ZoneKeeper keeper;
    private final StateFile state;
    private final DnsServer server;
    private final HealthEndpoint health;
    private final WatchedImports imports;
    private boolean unwritten;

    private DnsRole(DnsOptions options, KubernetesClient client, Duration stateEvery) throws IOException {
        this.options = options;
        this.keeper = new ZoneKeeper(served, options.ttl(), this::nextSerial);
        this.state = new StateFile(options.stateDirectory().resolve("dns.state"));
        warmStart();
        this.server = DnsServer.start(new InetSocketAddress(options.port()), served, counters);
        this.health = HealthEndpoint.start(
                new InetSocketAddress(options.healthPort()), this::sick, this::unready, this::metrics);
        this.imports = new WatchedImports(
                client,
                service -> {
                    keeper.touch(service);
                    requestPass();
                },
                this::requestPass);
        var unused = keeperThread.scheduleWithFixedDelay(this::pass, 0, TICK_MILLIS, TimeUnit.MILLISECONDS);
        var alsoUnused = keeperThread.scheduleWithFixedDelay(
                this::writeState, stateEvery.toMillis(), stateEvery.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Serves until the process is told to stop. @return exit status: 0, or 2 where the arguments are wrong */
    public static int run(List<String> args) {
        DnsOptions options;
        try {
            options = DnsOptions.parse(args);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            return 2;
        }
        CountDownLatch stopped = new CountDownLatch(1);
        try (KubernetesClient client = Clients.forRole("dns");
                DnsRole role = start(options, client, STATE_EVERY)) {
            Thread drain = Thread.ofPlatform().name("dns-drain").unstarted(() -> {
                role.drain();
                stopped.countDown();
            });
            Runtime.getRuntime().addShutdownHook(drain);
            stopped.await();
            return 0;
        } catch (IOException e) {
            LOG.log(Level.ERROR, "dns: cannot listen on port " + options.port() + " or " + options.healthPort(), e);
            return 1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 1;
        }
    }

    /** @param stateEvery how often what has changed is written for the next start */
    static DnsRole start(DnsOptions options, KubernetesClient client, Duration stateEvery) throws IOException {
        return new DnsRole(options, client, stateEvery);
    }

    /** UDP and TCP port bound. */
    int port() throws IOException {
        return server.port();
    }

    int healthPort() {
        return health.port();
    }

    /** Unready at once, answering for a while: whoever routes to us needs a moment to learn of it. */
    private void drain() {
        stopping.set(true);
        try {
            Thread.sleep(options.drainSeconds() * 1000L);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void warmStart() {
        try {
            Optional<RememberedImports> remembered = state.read();
            remembered.ifPresent(keeper::serveRemembered);
            remembered.ifPresent(r -> LOG.log(
                    Level.INFO,
                    "dns: serving {0} services from before",
                    r.services().size()));
        } catch (IOException e) {
            LOG.log(Level.WARNING, "dns: the state of before is of no use; waiting for the API server", e);
        }
    }

    private void requestPass() {
        if (passWaits.compareAndSet(false, true)) {
            try {
                keeperThread.execute(this::pass);
            } catch (RejectedExecutionException e) {
                LOG.log(Level.DEBUG, "dns: stopping", e);
            }
        }
    }

    private void pass() {
        passWaits.set(false);
        try {
            unwritten |= keeper.pass(imports);
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "dns: the zone stays as it was", e);
        }
    }

    private void writeState() {
        if (!unwritten || !imports.isSynced()) {
            return;
        }
        try {
            state.write(imports);
            unwritten = false;
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.WARNING, "dns: the state was not written; tried again", e);
        }
    }

    /** Above the one before, also over restarts and between replicas that start at other times. */
    private int nextSerial() {
        return serial.updateAndGet(last -> {
            int seconds = (int) Instant.now().getEpochSecond();
            return last == 0 || seconds - last > 0 ? seconds : last + 1;
        });
    }

    private Optional<String> sick() {
        return server.isServing() ? Optional.empty() : Optional.of("a server loop has ended");
    }

    private Optional<String> unready() {
        if (stopping.get()) {
            return Optional.of("stopping");
        }
        return served.zone() == null ? Optional.of("not synced yet") : sick();
    }

    private Exposition metrics() {
        Exposition out = new Exposition().family(Metric.DNS_QUERIES_TOTAL);
        counters.forEach((transport, type, rcode, count) -> out.value(
                Metric.DNS_QUERIES_TOTAL, Map.of("transport", transport, "type", type, "rcode", rcode), count));
        Zone zone = served.zone();
        return out.single(Metric.DNS_TCP_CONNECTIONS, server.connections())
                .single(Metric.DNS_SERVICES, keeper.services())
                .single(Metric.DNS_SYNCED, keeper.isFollowing() ? 1 : 0)
                .single(Metric.DNS_ZONE_SERIAL, zone == null ? 0 : Integer.toUnsignedLong(zone.serial()));
    }

    @Override
    public void close() throws IOException {
        keeperThread.shutdownNow();
        imports.close();
        health.close();
        server.close();
    }
}
