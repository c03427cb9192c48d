package io.tombolo.gateway;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tombolo.net.PrivateKey;
import io.tombolo.trust.Identity;
import io.tombolo.trust.SignedAnnouncement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two gateway agents, each a process in its namespace: they meet through their doors. */
final class GatewayE2E {
    @TempDir
    private Path directory = Path.of(".");

    private TwoClusters clusters;
    private TwoClusters.Side west;
    private TwoClusters.Side east;

    @BeforeEach
    void twoNodesWithWireGuardProcesses() throws Exception {
        clusters = new TwoClusters();
        west = clusters.west;
        east = clusters.east;
        clusters.startWireGuard();
    }

    @AfterEach
    void takeDown() throws Exception {
        clusters.close();
    }

    private Path file(TwoClusters.Side side) {
        return directory.resolve(side.id + ".properties");
    }

    private Agent start(TwoClusters.Side side) throws IOException {
        return new Agent(side.agent(file(side), directory.resolve(side.id + ".state")), Duration.ofSeconds(20));
    }

    /** Starts both, and waits until they have met. Returns west's. */
    private Agent meet() throws Exception {
        tell(west);
        tell(east);
        Agent westAgent = start(west);
        start(east).awaitUp("west");
        westAgent.awaitUp("east");
        return westAgent;
    }

    private void tell(TwoClusters.Side side, TwoClusters.@Nullable Side peer, SignedAnnouncement presented)
            throws IOException {
        side.write(file(side), peer, presented);
    }

    private void tell(TwoClusters.Side side) throws IOException {
        tell(side, side == west ? east : west, side.announcement(side.identity));
    }

    private int lost(TwoClusters.Side from, TwoClusters.Side to, int count) throws IOException {
        to.echo(7000);
        Process flow = from.java("send", to.podAddress(), "7000", Integer.toString(count));
        return flow.inputReader()
                .lines()
                .filter(l -> l.startsWith("lost "))
                .map(l -> Integer.parseInt(l.substring(5)))
                .findFirst()
                .orElse(-1);
    }

    private static void awaitLaneKey(TwoClusters.Side side) {
        await().atMost(Duration.ofSeconds(20)).until(() -> side.gateway
                .run("wg", "show", "tb0", "public-key")
                .trim()
                .equals(side.lane.publicKey().toString()));
    }

    @Test
    void healWhenBothChangedTheirLaneKeysWhileApart() throws Exception {
        tell(west);
        tell(east);
        Agent westAgent = start(west);
        Agent eastAgent = start(east);
        westAgent.awaitUp("east");
        eastAgent.awaitUp("west");
        west.gateway.run("ip", "link", "set", "wan", "down");
        westAgent.await("east is down", l -> l.contains("east=Down"));
        eastAgent.await("west is down", l -> l.contains("west=Down"));

        for (TwoClusters.Side side : List.of(west, east)) {
            side.lane = PrivateKey.generate();
            side.generation = 2;
            side.sequence = 2;
            tell(side);
        }
        // apart until both have changed: on the old keys they would find each other at once
        for (TwoClusters.Side side : List.of(west, east)) {
            awaitLaneKey(side);
        }
        west.gateway.run("ip", "link", "set", "wan", "up");

        westAgent.awaitUp("east");
        eastAgent.awaitUp("west");
        assertEquals(0, lost(west, east, 200));
    }

    @Test
    void refuseAnAnnouncementThatTheIdentityDidNotSignAndKeepTheLastGoodOne() throws Exception {
        Agent westAgent = meet();

        // a hostile gateway holds every key of its cluster but the identity
        PrivateKey before = east.lane;
        east.sequence = 7;
        east.generation = 7;
        east.lane = PrivateKey.generate();
        SignedAnnouncement forged = east.announcement(Identity.generate());
        east.lane = before;
        tell(east, west, forged);

        westAgent.await(
                "the forgery is refused",
                l -> l.contains("refused=SIGNATURE_INVALID announcement.signature: ")
                        && l.contains(east.identity.publicKey().toString()));
        assertTrue(west.gateway
                .run("wg", "show", "tb0", "peers")
                .contains(before.publicKey().toString()));
        assertEquals(0, lost(west, east, 200));
    }

    @Test
    void refuseAnOldAnnouncementAlsoAfterARestart() throws Exception {
        SignedAnnouncement old = east.announcement(east.identity);
        PrivateKey oldLane = east.lane;
        east.sequence = 2;
        east.generation = 2;
        east.lane = PrivateKey.generate();
        tell(west);
        tell(east);
        Agent westAgent = start(west);
        Agent eastAgent = start(east);
        westAgent.awaitUp("east");
        eastAgent.awaitUp("west");
        Namespace.stop(westAgent.process);

        east.sequence = 9; // what the hostile side believes; the bytes it presents are the recorded ones
        tell(east, west, old);
        Agent again = start(west);

        again.await(
                "the replay is refused",
                l -> l.contains("refused=REPLAYED announcement.sequence: sequence 1 after 2 was accepted"));
        assertTrue(!west.gateway
                .run("wg", "show", "tb0", "peers")
                .contains(oldLane.publicKey().toString()));
    }

    @Test
    void haveNoLaneWhileThePresharedKeyOfTheLinkIsMissing() throws Exception {
        Agent westAgent = meet();

        west.lacksPresharedKey = true;
        tell(west);
        westAgent.await("no lane is left", l -> l.equals("ready=true"));
        assertEquals("", west.gateway.run("wg", "show", "tb0", "peers"));
        assertEquals("", west.gateway.run("ip", "-4", "route", "show", "table", "7410", "10.2.0.0/24"));

        west.lacksPresharedKey = false;
        tell(west);
        westAgent.awaitUp("east");
    }

    @Test
    void keepSessionAndPacketsWhileTheAgentIsKilledAndStartedAgain() throws Exception {
        Agent westAgent = meet();
        east.echo(7000);
        String device = west.gateway.run("ip", "-o", "link", "show", "tb0");
        int count = 6000;

        Process flow = west.java("send", east.podAddress(), "7000", Integer.toString(count));
        var lines = flow.inputReader();
        assertEquals("started " + west.podAddress(), lines.readLine());
        Namespace.stop(westAgent.process);
        start(west).awaitUp("east");

        String lost = lines.readLine();
        assertEquals("lost " + clusters.starved(), lost);
        assertEquals(device, west.gateway.run("ip", "-o", "link", "show", "tb0"));
        assertTrue(west.sentByLane() >= (long) count * UdpFlow.BYTES_IN_LANE, "one session for the whole flow");
    }

    @Test
    void meetThroughTheirDoorsCarryPacketsAndRemoveEverythingOfALinkThatIsGone() throws Exception {
        Agent westAgent = meet();
        assertEquals(0, lost(west, east, 200));

        tell(west, null, west.announcement(west.identity));

        westAgent.await("no path is left", l -> l.equals("ready=true"));
        assertEquals("", west.gateway.run("wg", "show", "tbdoor", "peers"));
        assertEquals("", west.gateway.run("wg", "show", "tb0", "peers"));
        assertEquals("", west.gateway.run("ip", "nexthop", "show"));
        assertEquals("", west.gateway.run("ip", "-4", "route", "show", "table", "all", "proto", "74", "10.2.0.0/24"));
        assertTrue(Files.readString(directory.resolve("west.state/announcements"))
                        .lines()
                        .count()
                == 1);
    }
}
