package io.tombolo.operator;

import jakarta.inject.Singleton;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;
import org.jspecify.annotations.Nullable;

/** Ready while this process knows the world, leader or not. */
@Readiness
@Singleton
public final class OperatorReadiness implements HealthCheck {
    private final AtomicReference<@Nullable OperatorProcess> process = new AtomicReference<>();

    void of(OperatorProcess started) {
        process.set(started);
    }

    @Override
    public HealthCheckResponse call() {
        OperatorProcess started = process.get();
        boolean ready = started != null && started.isReady();
        return HealthCheckResponse.named("operator")
                .status(ready)
                .withData("leading", started != null && started.isLeading())
                .build();
    }
}
