package io.tombolo.operator;

import io.quarkus.runtime.Quarkus;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** The {@code operator} role: the only one that runs in Quarkus. */
public final class OperatorRole {
    private OperatorRole() {}

    /** Runs until the process is told to stop. @return exit status: 0, or 2 where the arguments or the environment are wrong */
    public static int run(List<String> args) {
        if (!args.isEmpty()) {
            System.err.println("operator: unknown argument " + args.getFirst() + "; it takes none");
            return 2;
        }
        String image = System.getenv(OperatorApplication.IMAGE_VARIABLE);
        if (image == null || image.isBlank()) {
            System.err.println("operator: set " + OperatorApplication.IMAGE_VARIABLE
                    + " to the image of the workloads: the operator's own");
            return 2;
        }
        AtomicInteger status = new AtomicInteger();
        Quarkus.run(OperatorApplication.class, (code, failure) -> {
            if (failure != null) {
                failure.printStackTrace(System.err);
            }
            status.set(code);
        });
        return status.get();
    }
}
