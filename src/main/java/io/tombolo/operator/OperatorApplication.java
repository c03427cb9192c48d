package io.tombolo.operator;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.monitoring.micrometer.MicrometerMetricsV2;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.tombolo.kube.Clients;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Clock;
import org.eclipse.microprofile.health.Readiness;

/** What Quarkus runs: {@link OperatorProcess} beside the HTTP endpoints of health and metrics. */
@Singleton
public final class OperatorApplication implements QuarkusApplication {
    /** Names the image of gateway, node and dns: the operator's own. */
    static final String IMAGE_VARIABLE = "TOMBOLO_IMAGE";

    private final MeterRegistry meters;
    private final OperatorReadiness readiness;

    @Inject
    OperatorApplication(MeterRegistry meters, @Readiness OperatorReadiness readiness) {
        this.meters = meters;
        this.readiness = readiness;
    }

    @Override
    public int run(String... args) {
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
        }
    }

    private static String version() {
        String version = OperatorApplication.class.getPackage().getImplementationVersion();
        return version == null ? "unknown" : version;
    }
}
