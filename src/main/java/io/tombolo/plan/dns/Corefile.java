package io.tombolo.plan.dns;

import io.tombolo.net.Addresses;
import java.net.InetAddress;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The text of CoreDNS's configuration, with at most one block of ours at its very start: whatever follows it is never
 * touched, so that {@link #unwired()} gives back what was there byte for byte, also where the last line has no end.
 */
public record Corefile(String text) {
    /** The zone we serve (KEP-1645). */
    public static final String ZONE = "clusterset.local";

    /** Where a DNS server listens unless its configuration says otherwise. */
    public static final int DEFAULT_PORT = 53;

    private static final String BEGIN = "# tombolo begin";
    private static final String END = "# tombolo end\n";
    private static final Pattern ROOT_BLOCK =
            Pattern.compile("(?m)^[ \\t]*(?:dns://)?\\.(?::(\\d{1,5}))?[ \\t]*(?:\\.\\S*[ \\t]*)*\\{");
    private static final Pattern COMMENT = Pattern.compile("(?m)(^|\\s)#.*$");
    private static final Pattern FOREIGN = Pattern.compile("(^|[\\s,/])clusterset\\.local([\\s.:,/{]|$)");
    private static final Pattern CUSTOM_IMPORT = Pattern.compile("(?m)^\\s*import\\s+\\S*custom/\\*\\.server\\s*$");

    /**
     * The block by itself: for a {@code coredns-custom} ConfigMap and for admins who wire by hand.
     *
     * @param dns ClusterIP of Service {@code tombolo-dns}
     */
    public static String block(InetAddress dns, int port) {
        // no cache: an endpoint that went must leave the answers within a second, and tombolo-dns answers from memory
        return BEGIN + ": written by the operator, removed with it\n" + ZONE + ":" + port
                + " {\n    errors\n    forward . " + Addresses.text(dns) + "\n}\n" + END;
    }

    /** Whether the file already imports server blocks from ConfigMap {@code coredns-custom}, as k3s ships it. */
    public boolean importsCustomServers() {
        return CUSTOM_IMPORT.matcher(COMMENT.matcher(text).replaceAll("$1")).find();
    }

    /** Where the cluster's own DNS listens: another port in some distributions. */
    public int port() {
        Matcher root = ROOT_BLOCK.matcher(unwired().text);
        return root.find() && root.group(1) != null ? Integer.parseInt(root.group(1)) : DEFAULT_PORT;
    }

    /** Why we must not touch this file; empty where we may. */
    public Optional<String> objection() {
        if (damaged()) {
            return Optional.of("the Corefile has '" + BEGIN + "' without '" + END.strip()
                    + "': remove the rest of the block by hand");
        }
        if (FOREIGN.matcher(COMMENT.matcher(unwired().text).replaceAll("$1")).find()) {
            return Optional.of("the Corefile already speaks of " + ZONE
                    + ": remove that, or set LocalCluster spec.dns.wiring to None");
        }
        return Optional.empty();
    }

    public boolean isWired() {
        return text.contains(BEGIN) && !damaged();
    }

    /** With the block, and only one. Wiring what is wired to the same address gives an equal value. */
    public Corefile wired(InetAddress dns) {
        return new Corefile(block(dns, port()) + unwired().text);
    }

    /** Without the block; where there is none, this file. A damaged block is left for a human. */
    public Corefile unwired() {
        int begin = text.indexOf(BEGIN);
        int end = text.indexOf(END, Math.max(begin, 0));
        if (begin < 0 || end < 0) {
            return this;
        }
        return new Corefile(text.substring(0, begin) + text.substring(end + END.length())).unwired();
    }

    private boolean damaged() {
        return unwired().text.contains(BEGIN);
    }
}
