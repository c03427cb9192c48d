package io.tombolo.node;

import io.tombolo.handover.NetworkDocument;
import io.tombolo.plan.removal.Evidence;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;

/** What the API server says, after SIGTERM, of the installation we belong to. */
final class Witness {
    private static final int OK = 200;
    private static final int CREATED = 201;
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final String REVIEWS = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    private static final String REVIEW = "{\"apiVersion\":\"authentication.k8s.io/v1\",\"kind\":\"SelfSubjectReview\"}";
    private static final String OWNER = "/apis/tombolo.io/v1alpha1/localclusters/local";

    private final ApiServer server;
    private final String map;
    private final Clock clock;

    Witness(ApiServer server, String namespace, Clock clock) {
        this.server = server;
        this.map = "/api/v1/namespaces/" + namespace + "/configmaps/" + NetworkDocument.CONFIG_MAP;
        this.clock = clock;
    }

    Evidence ask() {
        try {
            ApiServer.Answer network = server.get(map);
            if (NetworkWatch.isNotFound(network)) {
                return Evidence.NETWORK_NOT_FOUND;
            }
            return switch (server.post(REVIEWS, REVIEW).status()) {
                case OK, CREATED -> network.status() == FORBIDDEN ? Evidence.FORBIDDEN : known(network);
                case UNAUTHORIZED ->
                    server.tokenExpiry().isAfter(Instant.now(clock)) ? Evidence.TOKEN_REVOKED : Evidence.TOKEN_EXPIRED;
                case FORBIDDEN -> Evidence.FORBIDDEN;
                default -> Evidence.SILENCE;
            };
        } catch (IOException | IllegalStateException e) {
            return Evidence.SILENCE;
        }
    }

    /** The garbage collector deletes us before, after or together with the ConfigMap: our owner shows that it is at work. */
    private Evidence known(ApiServer.Answer network) throws IOException {
        if (network.status() != OK) {
            return Evidence.SILENCE;
        }
        ApiServer.Answer owner = server.get(OWNER);
        boolean going = owner.status() == NOT_FOUND || isGoing(owner) || isGoing(network);
        return going ? Evidence.OWNER_GONE : Evidence.KNOWN;
    }

    private static boolean isGoing(ApiServer.Answer answer) throws IOException {
        return answer.status() == OK
                && ApiObject.parse(answer.body(), path -> path.equals("metadata.deletionTimestamp"))
                        .has("metadata.deletionTimestamp");
    }
}
