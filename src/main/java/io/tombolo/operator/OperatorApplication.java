package io.tombolo.operator;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.monitoring.micrometer.MicrometerMetricsV2;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.ShutdownEvent;
import io.tombolo.kube.Clients;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.health.Readiness;

/** What Quarkus runs: {@link OperatorProcess} beside the HTTP endpoints of health and metrics. */
@Singleton
public final class OperatorApplication implements QuarkusApplication {
    /** Names the image of gateway, node and dns: the operator's own. */
    static final String IMAGE_VARIABLE = "TOMBOLO_IMAGE";

    private static final System.Logger LOG = System.getLogger(OperatorApplication.class.getName());

    /** Less than the pod's terminationGracePeriodSeconds. */
    private static final Duration PATIENCE = Duration.ofSeconds(8);

    private final MeterRegistry meters;
    private final OperatorReadiness readiness;
    /** Open where nothing runs. */
    private volatile CountDownLatch ended = new CountDownLatch(0);

    @Inject
    OperatorApplication(MeterRegistry meters, @Readiness OperatorReadiness readiness) {
        this.meters = meters;
        this.readiness = readiness;
    }

    @Override
    public int run(String... args) {
        ended = new CountDownLatch(1);
        try (KubernetesClient client = Clients.forRole("operator");
                OperatorProcess process = new OperatorProcess(
                        client,
                        System.getenv(IMAGE_VARIABLE),
                        version(),
                        MicrometerMetricsV2.newBuilder(meters).build(), // JOSDK's default publishes nothing
                        Clock.systemUTC())) {
            readiness.of(process.start());
            Quarkus.waitForExit();
            return 0;
        } finally {
            ended.countDown();
        }
    }

    /** The JVM is gone when Quarkus has stopped, whatever our own thread is at: giving the Lease up, for instance. */
    void stopped(@Observes ShutdownEvent event) throws InterruptedException {
        if (!ended.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
            LOG.log(Level.WARNING, "the operator has not stopped after {0}", PATIENCE);
        }
    }

    private static String version() {
        String version = OperatorApplication.class.getPackage().getImplementationVersion();
        return version == null ? "unknown" : version;
    }
}
