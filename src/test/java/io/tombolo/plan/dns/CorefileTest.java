package io.tombolo.plan.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tombolo.net.Addresses;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

class CorefileTest {
    private static final InetAddress DNS = Addresses.parse("10.96.7.7");
    private static final String KUBEADM = """
            .:53 {
                errors
                kubernetes cluster.local in-addr.arpa ip6.arpa {
                   pods insecure
                }
                forward . /etc/resolv.conf {
                   max_concurrent 1000
                }
                loop
            }
            """;

    @Test
    void addsOneServerBlockAheadOfEverything() {
        assertEquals("""
                # tombolo begin: written by the operator, removed with it
                clusterset.local:53 {
                    errors
                    forward . 10.96.7.7
                }
                # tombolo end
                """ + KUBEADM, new Corefile(KUBEADM).wired(DNS).text());
    }

    @Test
    void givesBackEveryByteWhateverTheFileEndsWith() {
        for (String text : List.of(KUBEADM, KUBEADM.strip(), KUBEADM + "\n\n", "", "# no newline", "a\r\nb\r\n")) {
            assertEquals(text, new Corefile(text).wired(DNS).unwired().text());
        }
    }

    @Test
    void wiresTwiceLikeOnceAndFollowsANewAddress() {
        Corefile once = new Corefile(KUBEADM).wired(DNS);
        Corefile moved = once.wired(Addresses.parse("10.96.8.8"));

        assertEquals(once, once.wired(DNS));
        assertTrue(moved.text().contains("10.96.8.8") && !moved.text().contains("10.96.7.7"), moved.text());
        assertEquals(KUBEADM, moved.unwired().text());
    }

    @Test
    void listensWhereTheClusterDnsListens() {
        assertEquals(5353, new Corefile(".:5353 {\n    errors\n}\n").port());
        assertEquals(53, new Corefile(KUBEADM).port());
        assertEquals(53, new Corefile(". {\n    errors\n}\n").port());
        assertEquals(1053, new Corefile("example.org:99 {\n}\ndns://.:1053 {\n}\n").port());
    }

    @Test
    void touchesNoFileThatSpeaksOfTheZoneAlready() {
        for (String foreign : List.of(
                "clusterset.local:53 {\n    forward . 10.0.0.9\n}\n",
                ".:53 {\n    multicluster clusterset.local\n}\n",
                ".:53 {\n    kubernetes cluster.local clusterset.local {\n}\n}\n",
                ".:53 {\n    lighthouse clusterset.local:53\n}\n")) {
            assertTrue(new Corefile(KUBEADM + foreign).objection().isPresent(), foreign);
        }
        assertFalse(new Corefile(KUBEADM + "# clusterset.local one day\n")
                .objection()
                .isPresent());
        assertFalse(
                new Corefile(KUBEADM + "notclusterset.local {\n}\n").objection().isPresent());
        assertFalse(new Corefile(KUBEADM).wired(DNS).objection().isPresent(), "our own block is not somebody else's");
    }

    @Test
    void leavesAHalfRemovedBlockToAHuman() {
        Corefile half = new Corefile(new Corefile(KUBEADM).wired(DNS).text().replace("# tombolo end\n", ""));

        assertTrue(half.objection().orElseThrow().contains("tombolo begin"));
        assertEquals(half, half.unwired());
        assertFalse(half.isWired());
    }

    @Test
    void seesWhetherServersOfAnotherConfigMapAreImported() {
        assertTrue(new Corefile(KUBEADM + "import /etc/coredns/custom/*.server\n").importsCustomServers());
        assertFalse(new Corefile(KUBEADM + "# import /etc/coredns/custom/*.server\n").importsCustomServers());
        assertFalse(new Corefile(KUBEADM + "import /etc/coredns/custom/*.override\n").importsCustomServers());
    }
}
