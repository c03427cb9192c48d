package io.tombolo.kube;

import io.fabric8.kubernetes.client.KubernetesClientException;

/** What the API server's refusals mean for a person. */
public final class ApiProblems {
    private ApiProblems() {}

    /** One or two lines: the API's own words, and what to do. */
    public static String explain(KubernetesClientException e) {
        return switch (e.getCode()) {
            case 0 -> "the API server cannot be reached: " + rootMessage(e) + "; check the context and the network";
            case 401 -> "the API server does not know you: log in again, or check the context";
            case 403 -> "the API server refuses: " + words(e) + "; ask for that right";
            case 404 -> "the API server does not know this kind: install Tombolo first (kubectl apply -k deploy/)";
            default -> "the API server says " + e.getCode() + ": " + words(e);
        };
    }

    private static String words(KubernetesClientException e) {
        return e.getStatus() != null && e.getStatus().getMessage() != null
                ? e.getStatus().getMessage()
                : String.valueOf(e.getMessage());
    }

    private static String rootMessage(Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage());
    }
}
