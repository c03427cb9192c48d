package io.tombolo.host;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Reads what the kernel tells of changes: rtnetlink(7) and nfnetlink, {@code include/uapi/linux/rtnetlink.h} and {@code
 * nf_tables.h}. A message that is not of interest, or not as expected, is passed over: a later look at the kernel tells the
 * truth in any case.
 */
final class NetlinkMessages {
    private static final int HEADER = 16;
    private static final int ATTRIBUTE = 4;

    private static final int RTM_NEWLINK = 16;
    private static final int RTM_DELLINK = 17;
    private static final int RTM_DELADDR = 21;
    private static final int RTM_NEWROUTE = 24;
    private static final int RTM_DELROUTE = 25;
    private static final int RTM_NEWRULE = 32;
    private static final int RTM_DELRULE = 33;
    private static final int RTM_NEWNEXTHOP = 104;
    private static final int RTM_DELNEXTHOP = 105;

    private static final int IFINFOMSG = 16;
    private static final int IFLA_IFNAME = 3;
    private static final int IFADDRMSG = 8;
    private static final int RTMSG = 12;
    private static final int RTA_TABLE = 15;
    private static final int FIB_RULE_HDR = 12;
    private static final int FRA_PRIORITY = 6;
    private static final int NHMSG = 8;
    private static final int NHA_ID = 1;

    private static final int NFNL_SUBSYS_NFTABLES = 10;
    private static final int NFT_MSG_NEWGEN = 15;
    private static final int NFGENMSG = 4;
    /** The first attribute of whatever is part of a table: NFTA_TABLE_NAME, NFTA_CHAIN_TABLE and so on. */
    private static final int NFTA_TABLE = 1;

    private NetlinkMessages() {}

    /**
     * @param messages as received from a socket of NETLINK_ROUTE or NETLINK_NETFILTER, from position to limit, in the byte
     *     order of the machine; left anywhere
     */
    static Set<KernelEvent> decode(ByteBuffer messages) {
        Set<KernelEvent> events = new HashSet<>();
        int end = messages.limit();
        for (int at = messages.position(); at + HEADER <= end; ) {
            int length = messages.getInt(at);
            if (length < HEADER || length > end - at) {
                break;
            }
            messages.limit(at + length).position(at + HEADER);
            event(Short.toUnsignedInt(messages.getShort(at + 4)), messages.getInt(at + 12), messages)
                    .ifPresent(events::add);
            messages.limit(end);
            at += aligned(length);
        }
        return events;
    }

    /** @param body one message without its header, from position to limit */
    private static Optional<KernelEvent> event(int type, int sender, ByteBuffer body) {
        int at = body.position();
        int room = body.remaining();
        return switch (type) {
            case RTM_NEWLINK, RTM_DELLINK -> {
                // ifi_change: of a new one every bit, of one whose flags stay as they are none
                boolean changed = type == RTM_DELLINK || room >= IFINFOMSG && body.getInt(at + 12) != 0;
                yield changed
                        ? name(attribute(body, IFINFOMSG, IFLA_IFNAME)).map(name -> new KernelEvent.Link(name, sender))
                        : Optional.empty();
            }
            case RTM_DELADDR ->
                room < IFADDRMSG
                        ? Optional.empty()
                        : Optional.of(new KernelEvent.AddressGone(body.getInt(at + 4), sender));
            case RTM_NEWROUTE, RTM_DELROUTE -> {
                if (room < RTMSG) {
                    yield Optional.empty();
                }
                int small = Byte.toUnsignedInt(body.get(at + 4));
                int protocol = Byte.toUnsignedInt(body.get(at + 5));
                int table = number(attribute(body, RTMSG, RTA_TABLE)).orElse(small);
                yield Optional.of(new KernelEvent.Route(table, protocol, sender));
            }
            case RTM_NEWRULE, RTM_DELRULE ->
                // without: priority 0
                Optional.of(new KernelEvent.Rule(
                        number(attribute(body, FIB_RULE_HDR, FRA_PRIORITY)).orElse(0), sender));
            case RTM_NEWNEXTHOP, RTM_DELNEXTHOP ->
                number(attribute(body, NHMSG, NHA_ID)).map(id -> new KernelEvent.Nexthop(id, sender));
            default ->
                type >> 8 != NFNL_SUBSYS_NFTABLES || (type & 0xff) == NFT_MSG_NEWGEN
                        ? Optional.empty()
                        : name(attribute(body, NFGENMSG, NFTA_TABLE)).map(name -> new KernelEvent.Table(name, sender));
        };
    }

    /** The attribute's value, behind a body's fixed part. */
    private static Optional<ByteBuffer> attribute(ByteBuffer body, int fixed, int wanted) {
        int end = body.limit();
        for (int at = body.position() + fixed; at + ATTRIBUTE <= end; ) {
            int length = Short.toUnsignedInt(body.getShort(at));
            if (length < ATTRIBUTE || length > end - at) {
                break;
            }
            if ((body.getShort(at + 2) & 0x3fff) == wanted) { // the upper two bits are flags
                return Optional.of(
                        body.slice(at + ATTRIBUTE, length - ATTRIBUTE).order(body.order()));
            }
            at += aligned(length);
        }
        return Optional.empty();
    }

    private static Optional<Integer> number(Optional<ByteBuffer> value) {
        return value.filter(v -> v.remaining() >= Integer.BYTES).map(v -> v.getInt(0));
    }

    /** Text that ends in a zero. */
    private static Optional<String> name(Optional<ByteBuffer> value) {
        return value.filter(v -> v.remaining() > 1 && v.get(v.limit() - 1) == 0).map(v -> {
            byte[] text = new byte[v.remaining() - 1];
            v.get(text);
            return new String(text, StandardCharsets.US_ASCII);
        });
    }

    private static int aligned(int length) {
        return (length + 3) & ~3;
    }
}
