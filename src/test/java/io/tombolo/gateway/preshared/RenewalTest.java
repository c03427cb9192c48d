package io.tombolo.gateway.preshared;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tombolo.net.Addresses;
import io.tombolo.net.PresharedKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Two ends and what passes between them, in a time of their own: every message arrives, unless a test takes it. */
final class RenewalTest {
    private static final Ends CALLER = new Ends(Addresses.parse("fd01::1"), Addresses.parse("fd02::1"));
    private static final Ends ANSWERER = new Ends(CALLER.theirs(), CALLER.ours());
    private static final Duration EVERY = Duration.ofSeconds(120);
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final FakeKem callers = new FakeKem(1);
    private final FakeKem answerers = new FakeKem(2);
    private long seconds = 1_000;
    private Optional<Instant> latest = Optional.empty();
    private Renewal caller = caller(Optional.empty(), Optional.empty());
    private Renewal answerer = answerer(Optional.empty(), Optional.empty());

    private static Optional<PresharedKey> key(int fill) {
        byte[] bytes = new byte[32];
        bytes[0] = (byte) fill;
        return Optional.of(PresharedKey.parse(Base64.getEncoder().encodeToString(bytes)));
    }

    private Renewal caller(Optional<PresharedKey> link, Optional<PresharedKey> adopted) {
        return new Renewal(CALLER, callers, EVERY, link, adopted, now());
    }

    private Renewal answerer(Optional<PresharedKey> link, Optional<PresharedKey> adopted) {
        return new Renewal(ANSWERER, answerers, EVERY, link, adopted, now());
    }

    private long now() {
        return Duration.ofSeconds(seconds).toNanos();
    }

    /** A second passes, and all that is said in it arrives. */
    private void talk() {
        List<RenewalMessage> toAnswerer = new ArrayList<>(caller.due(now(), true));
        List<RenewalMessage> toCaller = new ArrayList<>(answerer.due(now(), true));
        while (!toAnswerer.isEmpty() || !toCaller.isEmpty()) {
            if (!toAnswerer.isEmpty()) {
                answerer.received(toAnswerer.removeFirst(), now()).ifPresent(toCaller::add);
            } else {
                caller.received(toCaller.removeFirst(), now()).ifPresent(toAnswerer::add);
            }
        }
        seconds++;
    }

    private void talkFor(int howLong) {
        for (int i = 0; i < howLong; i++) {
            talk();
        }
    }

    /** Both see that a session began now, as a pass before and one after it show. */
    private void handshake() {
        observe();
        seconds++;
        latest = Optional.of(Instant.ofEpochSecond(seconds));
        observe();
    }

    private void observe() {
        caller.observed(latest, Instant.ofEpochSecond(seconds), now());
        answerer.observed(latest, Instant.ofEpochSecond(seconds), now());
    }

    private PresharedKey agreed() {
        assertEquals(caller.inForce(), answerer.inForce());
        assertTrue(caller.isAgreed() && answerer.isAgreed());
        return caller.inForce().orElseThrow();
    }

    @Test
    void endsThatMeetAgreeOnAKeyAtOnce() {
        talkFor(2);
        agreed();
    }

    @Test
    void aKeyIsFollowedByAnotherOnceASessionWasMadeWithItAndNotBefore() {
        talkFor(2);
        handshake();
        talkFor(2);
        PresharedKey first = agreed();
        talkFor(60);
        assertEquals(first, agreed());
        handshake();
        talkFor(2);
        assertNotEquals(first, agreed());
    }

    @Test
    void aKeyThatNoSessionUsedIsFollowedByAnotherWhenItIsOld() {
        talkFor(2);
        PresharedKey first = agreed();
        talkFor((int) EVERY.toSeconds() + 2);
        assertNotEquals(first, agreed());
    }

    @Test
    void theLinksOwnKeyIsPartOfWhatIsAgreedOn() {
        caller = caller(key(7), Optional.empty());
        answerer = answerer(key(7), Optional.empty());
        talkFor(2);
        PresharedKey with = agreed();
        assertNotEquals(key(7), Optional.of(with));

        FakeKem same = new FakeKem(1);
        byte[] publicKey = same.offer().publicKey();
        Kem.Sealed sealed = new FakeKem(2).seal(publicKey).orElseThrow();
        assertEquals(with, derived(key(7), publicKey, sealed).key());
        assertNotEquals(with, derived(key(8), publicKey, sealed).key());
        assertNotEquals(with, derived(Optional.empty(), publicKey, sealed).key());
    }

    private static Derived derived(Optional<PresharedKey> link, byte[] publicKey, Kem.Sealed sealed) {
        return Derived.of(CALLER, sealed.secret(), link, publicKey, sealed.ciphertext());
    }

    @Test
    void endsWhoseLinksNameDifferentKeysKeepTheirOwnAndSaySo() {
        caller = caller(key(7), Optional.empty());
        answerer = answerer(key(8), Optional.empty());
        talkFor(30);
        assertEquals(key(7), caller.inForce());
        assertEquals(key(8), answerer.inForce());
        assertEquals(Optional.of(Renewal.Trouble.DIFFERS), caller.trouble(now(), PATIENCE));
    }

    @Test
    void aLinkThatIsGivenAnotherKeyUsesItAtOnceAndAgreesAnewWhenBothDo() {
        talkFor(2);
        caller.link(key(7), now());
        assertEquals(key(7), caller.inForce());
        talkFor(5);
        assertEquals(key(7), caller.inForce());
        answerer.link(key(7), now());
        talkFor(90);
        agreed();
        assertTrue(caller.trouble(now(), PATIENCE).isEmpty());
    }

    @Test
    void aPeerThatKnowsNothingOfThisIsAskedLessAndLessAndToldOf() {
        int messages = 0;
        for (int i = 0; i < 600; i++, seconds++) {
            messages += caller.due(now(), true).size();
            answerer.due(now(), true);
        }
        assertTrue(messages > 8 && messages < 20, messages + " offers");
        assertEquals(1, callers.computed);
        assertEquals(Optional.of(Renewal.Trouble.SILENT), caller.trouble(now(), PATIENCE));
        assertEquals(Optional.of(Renewal.Trouble.SILENT), answerer.trouble(now(), PATIENCE));
        assertTrue(caller.inForce().isEmpty());
    }

    @Test
    void aCallerThatStartsAnewAdoptsWhatItsDeviceHasAndAgreesAnew() {
        talkFor(2);
        PresharedKey first = agreed();
        caller = caller(Optional.empty(), Optional.of(first));
        assertEquals(first, agreed());
        talkFor(2);
        assertNotEquals(first, agreed());
    }

    @Test
    void anAnswererThatStartsAnewAsksForAKey() {
        talkFor(2);
        PresharedKey first = agreed();
        answerer = answerer(Optional.empty(), Optional.of(first));
        talkFor(3);
        assertNotEquals(first, agreed());
    }

    @Test
    void nothingIsChangedWhileASessionIsAboutToBeReplaced() {
        talkFor(2);
        handshake();
        talkFor(2);
        PresharedKey first = agreed();
        handshake();
        seconds += 112;
        talkFor(5);
        assertEquals(first, agreed());
    }

    @Test
    void whereNoHandshakeComesToPassTheKeyOfTheLastOneIsBackAndThenTheLinks() {
        caller = caller(key(7), Optional.empty());
        answerer = answerer(key(7), Optional.empty());
        talkFor(2);
        handshake();
        PresharedKey proven = agreed();
        talkFor(5);
        assertNotEquals(proven, agreed());
        seconds += 121;
        observe();
        assertNotEquals(proven, agreed());
        seconds += 5;
        observe();
        assertEquals(proven, agreed());
        seconds += 20;
        observe();
        assertEquals(key(7), caller.inForce());
        assertEquals(key(7), answerer.inForce());
    }

    @Test
    void anEndWhoseKernelIsSilentTooHasLostItsKey() {
        talkFor(2);
        caller.due(now(), false);
        caller.asked(false);
        caller.asked(false);
        assertTrue(caller.isAgreed());
        caller.asked(false);
        assertFalse(caller.isAgreed());
    }

    @Test
    void anEndWhoseAgentAloneIsSilentKeepsItsKey() {
        talkFor(2);
        PresharedKey first = agreed();
        for (int i = 0; i < 100; i++, seconds++) {
            caller.due(now(), false);
            caller.asked(i % 3 == 0);
        }
        assertEquals(Optional.of(first), caller.inForce());
    }

    @Test
    void whoeverIsSentManyOffersComputesOneAnswerASecond() {
        FakeKem flood = new FakeKem(3);
        for (int i = 0; i < 1_000; i++) {
            byte[] publicKey = flood.offer().publicKey();
            answerer.received(new RenewalMessage.Offer(Derived.id(publicKey), publicKey), now());
        }
        assertEquals(1, answerers.computed);
    }

    @Test
    void whoeverIsAskedManyTimesComputesOneKeyPairASecond() {
        talkFor(2);
        int before = callers.computed;
        for (int i = 0; i < 1_000; i++) {
            caller.received(new RenewalMessage.Ask(RenewalMessage.Ask.NONE), now());
            caller.due(now(), true);
        }
        assertEquals(before + 1, callers.computed);
    }
}
