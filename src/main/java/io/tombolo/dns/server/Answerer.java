package io.tombolo.dns.server;

import io.tombolo.dns.zone.Node;
import io.tombolo.dns.zone.Srv;
import io.tombolo.dns.zone.Zone;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One query in, at most one reply out; neither sockets nor sources. Not for two threads: each loop has its own.
 *
 * <p>Outside the zone everything is REFUSED, in the zone before the first sync SERVFAIL; a name that does not exist is
 * NXDOMAIN, one that exists without the type asked for NODATA.
 */
final class Answerer {
    private static final int ZONE_LABELS = Zone.ORIGIN.labels();
    private static final int OPT_LENGTH = 11;
    private static final byte[] NS = "ns".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DNS = "dns".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] HOSTMASTER = "hostmaster".getBytes(StandardCharsets.US_ASCII);

    /** {@code ns.dns} and a pointer. */
    private static final int NAME_SERVER_LENGTH = NS.length + DNS.length + 4;

    private static final int SOA_LENGTH = NAME_SERVER_LENGTH + HOSTMASTER.length + 3 + 20;
    private static final int RECORD = 12; // pointer, type, class, TTL, length

    private final Supplier<@Nullable Zone> zones;
    private final QueryCounters counters;
    private final Rotation rotation;
    private final Query query = new Query();
    private final Reply reply = new Reply();

    /** @param zones the zone in force; null before the first sync */
    Answerer(Supplier<@Nullable Zone> zones, QueryCounters counters, Rotation rotation) {
        this.zones = zones;
        this.counters = counters;
        this.rotation = rotation;
    }

    /** The bytes of the last reply; valid up to the length that {@link #answer} returned, until its next call. */
    byte[] bytes() {
        return reply.bytes();
    }

    /**
     * Answers the first {@code length} bytes of {@code in}.
     *
     * @return the length of the reply; 0 where there is none
     */
    int answer(byte[] in, int length, Transport transport) {
        Query.Verdict verdict = query.read(in, length);
        if (verdict == Query.Verdict.DROP) {
            counters.dropped(transport);
            return 0;
        }
        reply.start(in, transport == Transport.TCP ? Wire.MAX_TCP : query.udpLimit());
        int rcode =
                switch (verdict) {
                    case MALFORMED -> Wire.FORMERR;
                    case NOT_IMPLEMENTED -> Wire.NOTIMP;
                    case READABLE, DROP -> readable(in, transport);
                };
        reply.rcode(rcode);
        counters.answered(transport, verdict == Query.Verdict.READABLE ? query.type() : 0, rcode);
        return reply.position();
    }

    private int readable(byte[] in, Transport transport) {
        reply.question(in, query.questionLength());
        if (query.edns()) {
            reply.reserve(OPT_LENGTH);
        }
        int rcode = resolve(transport);
        if (query.edns()) {
            reply.reserve(-OPT_LENGTH);
            opt(rcode);
        }
        return rcode;
    }

    private int resolve(Transport transport) {
        if (query.edns() && query.ednsVersion() != 0) {
            return Wire.BADVERS;
        }
        int type = query.type();
        if (query.dnsClass() != Wire.IN
                || !query.isIn(Zone.ORIGIN, ZONE_LABELS)
                || type == Wire.AXFR
                || type == Wire.IXFR) {
            return Wire.REFUSED;
        }
        Zone zone = zones.get();
        if (zone == null) {
            return Wire.SERVFAIL;
        }
        reply.flag(Wire.AA);
        Node node = find(zone);
        if (node == null) {
            soa(zone, true);
            return Wire.NXDOMAIN;
        }
        if (!records(zone, node, type, transport)) {
            soa(zone, true);
        }
        return Wire.NOERROR;
    }

    private @Nullable Node find(Zone zone) {
        Node node = zone.apex();
        byte[] lower = query.lower();
        for (int i = query.labels() - ZONE_LABELS - 1; node != null && i >= 0; i--) {
            int at = query.labelAt(i);
            node = node.child(lower, at + 1, lower[at]);
        }
        return node;
    }

    /** @return whether the node owns records of {@code type} */
    private boolean records(Zone zone, Node node, int type, Transport transport) {
        return switch (type) {
            case Wire.A -> addresses(zone, node.ipv4Count(), Wire.A, node, transport);
            case Wire.AAAA -> addresses(zone, node.ipv6Count(), Wire.AAAA, node, transport);
            case Wire.SRV -> services(zone, node, transport);
            case Wire.TXT -> text(zone, node);
            case Wire.SOA -> node == zone.apex() && soa(zone, false);
            case Wire.NS -> node == zone.apex() && nameServer(zone);
            case Wire.ANY -> any(zone, node, transport);
            default -> false;
        };
    }

    /** One RRset of those there are (RFC 8482 section 4.1). */
    private boolean any(Zone zone, Node node, Transport transport) {
        if (node == zone.apex()) {
            return soa(zone, false);
        }
        return addresses(zone, node.ipv4Count(), Wire.A, node, transport)
                || addresses(zone, node.ipv6Count(), Wire.AAAA, node, transport)
                || services(zone, node, transport)
                || text(zone, node);
    }

    private boolean addresses(Zone zone, int count, int type, Node node, Transport transport) {
        if (count == 0) {
            return false;
        }
        int length = type == Wire.A ? 4 : 16;
        int sent = Math.min(count, reply.room() / (RECORD + length));
        if (sent < count && truncated(transport)) {
            return true;
        }
        int first = rotation.below(count);
        for (int i = 0; i < sent; i++) {
            address(Wire.HEADER, zone.ttl(), type, node, (first + i) % count);
        }
        reply.countAnswers(sent);
        return true;
    }

    private void address(int owner, int ttl, int type, Node node, int index) {
        int length = type == Wire.A ? 4 : 16;
        reply.record(owner, type, ttl, length);
        if (type == Wire.A) {
            node.copyIpv4(index, reply.bytes(), reply.position());
        } else {
            node.copyIpv6(index, reply.bytes(), reply.position());
        }
        reply.skip(length);
    }

    /** Whole RRset, or none of it and TC over UDP; over TCP, where nothing larger exists, as much of it as fits. */
    private boolean truncated(Transport transport) {
        if (transport == Transport.UDP) {
            reply.flag(Wire.TC);
            return true;
        }
        return false;
    }

    private boolean services(Zone zone, Node node, Transport transport) {
        int count = node.serviceCount();
        if (count == 0) {
            return false;
        }
        int first = rotation.below(count);
        int room = reply.room();
        int sent = 0;
        for (; sent < count; sent++) {
            room -= RECORD + 6 + node.service((first + sent) % count).target().length();
            if (room < 0) {
                break;
            }
        }
        if (sent < count && truncated(transport)) {
            return true;
        }
        int answers = reply.position();
        for (int i = 0; i < sent; i++) {
            Srv srv = node.service((first + i) % count);
            reply.record(Wire.HEADER, Wire.SRV, zone.ttl(), 6 + srv.target().length());
            reply.u16(0); // priority
            reply.u16(1); // weight
            reply.u16(srv.port());
            reply.name(srv.target());
        }
        reply.countAnswers(sent);
        targets(zone, node, first, sent, answers);
        return true;
    }

    /** The targets' addresses, each target once, as far as they fit: the additional section is left out without TC. */
    private void targets(Zone zone, Node node, int first, int sent, int answers) {
        int records = 0;
        int owner = answers;
        @Nullable Node previous = null;
        Node start = node.service(first).addresses();
        for (int i = 0; i < sent; i++) {
            Srv srv = node.service((first + i) % node.serviceCount());
            Node target = srv.addresses();
            owner += RECORD + 6;
            // one target's records stand together, so only the round trip can bring back the first
            if (target != previous && (i == 0 || target != start)) {
                int length = target.ipv4Count() * (RECORD + 4) + target.ipv6Count() * (RECORD + 16);
                if (!reply.fits(length) || !Reply.canPointTo(owner)) {
                    break;
                }
                for (int a = 0; a < target.ipv4Count(); a++) {
                    address(owner, zone.ttl(), Wire.A, target, a);
                }
                for (int a = 0; a < target.ipv6Count(); a++) {
                    address(owner, zone.ttl(), Wire.AAAA, target, a);
                }
                records += target.ipv4Count() + target.ipv6Count();
            }
            previous = target;
            owner += srv.target().length();
        }
        reply.countAdditionals(records);
    }

    private boolean text(Zone zone, Node node) {
        int length = node.textLength();
        if (length == 0) {
            return false;
        }
        reply.record(Wire.HEADER, Wire.TXT, zone.ttl(), length);
        node.copyText(reply.bytes(), reply.position());
        reply.skip(length);
        reply.countAnswers(1);
        return true;
    }

    /** In the authority section it carries how long "no" may be kept: min(its TTL, MINIMUM), both ours (RFC 2308). */
    private boolean soa(Zone zone, boolean authority) {
        int origin = origin();
        reply.record(origin, Wire.SOA, zone.ttl(), SOA_LENGTH);
        nameServerName(origin);
        reply.label(HOSTMASTER);
        reply.pointer(origin);
        reply.u32(zone.serial());
        reply.u32(7200); // refresh, retry, expire: nobody transfers this zone
        reply.u32(1800);
        reply.u32(86400);
        reply.u32(zone.ttl());
        if (authority) {
            reply.countAuthorities(1);
        } else {
            reply.countAnswers(1);
        }
        return true;
    }

    private boolean nameServer(Zone zone) {
        reply.record(Wire.HEADER, Wire.NS, zone.ttl(), NAME_SERVER_LENGTH);
        nameServerName(Wire.HEADER);
        reply.countAnswers(1);
        return true;
    }

    private void nameServerName(int origin) {
        reply.label(NS);
        reply.label(DNS);
        reply.pointer(origin);
    }

    /** Where the zone's name stands inside the question. */
    private int origin() {
        return Wire.HEADER + query.labelAt(query.labels() - ZONE_LABELS);
    }

    private void opt(int rcode) {
        reply.u8(0);
        reply.u16(Wire.OPT);
        reply.u16(Wire.MAX_UDP);
        reply.u8(rcode >>> 4);
        reply.u8(0);
        reply.u16(query.dnssecOk() ? Wire.DO : 0);
        reply.u16(0);
        reply.countAdditionals(Wire.u16(reply.bytes(), 10) + 1);
    }

    /** What a message came over. */
    enum Transport {
        UDP,
        TCP
    }
}
