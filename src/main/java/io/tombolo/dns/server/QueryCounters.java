package io.tombolo.dns.server;

import io.tombolo.dns.server.Answerer.Transport;
import java.util.concurrent.atomic.AtomicLongArray;

/** How many queries came, by transport, type and rcode. Bounded: types nobody uses count as one. */
public final class QueryCounters {
    private static final String[] TYPES = {"other", "A", "AAAA", "SRV", "TXT", "SOA", "NS", "ANY"};
    private static final String[] RCODES = {
        "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "BADVERS", "dropped"
    };
    private static final int DROPPED = 7;

    private final AtomicLongArray counts =
            new AtomicLongArray(Transport.values().length * TYPES.length * RCODES.length);

    void answered(Transport transport, int type, int rcode) {
        int kind =
                switch (type) {
                    case Wire.A -> 1;
                    case Wire.AAAA -> 2;
                    case Wire.SRV -> 3;
                    case Wire.TXT -> 4;
                    case Wire.SOA -> 5;
                    case Wire.NS -> 6;
                    case Wire.ANY -> 7;
                    default -> 0;
                };
        counts.getAndIncrement(index(transport.ordinal(), kind, rcode == Wire.BADVERS ? 6 : rcode));
    }

    void dropped(Transport transport) {
        counts.getAndIncrement(index(transport.ordinal(), 0, DROPPED));
    }

    /** Shows every count above zero. */
    public void forEach(Visitor visitor) {
        for (Transport transport : Transport.values()) {
            for (int type = 0; type < TYPES.length; type++) {
                for (int rcode = 0; rcode < RCODES.length; rcode++) {
                    long count = counts.get(index(transport.ordinal(), type, rcode));
                    if (count > 0) {
                        visitor.count(transport == Transport.UDP ? "udp" : "tcp", TYPES[type], RCODES[rcode], count);
                    }
                }
            }
        }
    }

    private static int index(int transport, int type, int rcode) {
        return (transport * TYPES.length + type) * RCODES.length + rcode;
    }

    /** Takes one count. */
    @FunctionalInterface
    public interface Visitor {
        void count(String transport, String type, String rcode, long count);
    }
}
