package io.tombolo.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tombolo.plan.removal.Evidence;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WitnessTest {
    private static final long FUTURE = 4_000_000_000L;
    private static final long PAST = 1_000_000_000L;
    private static final String GOING = "{\"metadata\":{\"deletionTimestamp\":\"2026-11-21T00:00:00Z\"}}";

    private final Path credentials;

    WitnessTest(@TempDir Path credentials) {
        this.credentials = credentials;
    }

    private Evidence ask(long tokenExpires, int map, String mapBody, int review, int owner, String ownerBody)
            throws Exception {
        try (FakeApi api = new FakeApi(credentials, tokenExpires)) {
            api.answers.put(FakeApi.MAP, new ApiServer.Answer(map, mapBody));
            api.answers.put(FakeApi.REVIEW, new ApiServer.Answer(review, "{}"));
            api.answers.put(FakeApi.OWNER, new ApiServer.Answer(owner, ownerBody));
            return new Witness(api.client(), "tombolo-system", Clock.systemUTC()).ask();
        }
    }

    @Test
    void anUpgradeIsKnown() throws Exception {
        assertEquals(Evidence.KNOWN, ask(FUTURE, 200, "{}", 201, 200, "{}"));
    }

    @Test
    void anOwnerThatMayNotBeReadChangesNothing() throws Exception {
        assertEquals(Evidence.KNOWN, ask(FUTURE, 200, "{}", 201, 403, "{}"));
    }

    @Test
    void anOwnerThatIsGoneOrGoingIsSeen() throws Exception {
        assertEquals(Evidence.OWNER_GONE, ask(FUTURE, 200, "{}", 201, 404, FakeApi.NOT_FOUND));
        assertEquals(Evidence.OWNER_GONE, ask(FUTURE, 200, "{}", 201, 200, GOING));
        assertEquals(Evidence.OWNER_GONE, ask(FUTURE, 200, GOING, 201, 200, "{}"));
    }

    @Test
    void aMapThatIsNotFoundIsProof() throws Exception {
        assertEquals(Evidence.NETWORK_NOT_FOUND, ask(FUTURE, 404, FakeApi.NOT_FOUND, 201, 200, "{}"));
    }

    @Test
    void rightsThatAreGoneAreNoProof() throws Exception {
        assertEquals(Evidence.FORBIDDEN, ask(FUTURE, 403, "{}", 201, 200, "{}"));
    }

    @Test
    void aTokenRefusedBeforeItsTimeIsProofAndAnExpiredOneIsNot() throws Exception {
        assertEquals(Evidence.TOKEN_REVOKED, ask(FUTURE, 401, "{}", 401, 401, "{}"));
        assertEquals(Evidence.TOKEN_EXPIRED, ask(PAST, 401, "{}", 401, 401, "{}"));
    }

    @Test
    void aServerThatIsIllSaysNothing() throws Exception {
        assertEquals(Evidence.SILENCE, ask(FUTURE, 500, "{}", 503, 500, "{}"));
        assertEquals(Evidence.SILENCE, ask(FUTURE, 500, "{}", 201, 200, "{}"));
        FakeApi stopped = new FakeApi(credentials, FUTURE);
        stopped.close();
        assertEquals(Evidence.SILENCE, new Witness(stopped.client(), "tombolo-system", Clock.systemUTC()).ask());
    }
}
