package io.tombolo.host;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Messages as Linux 6.18 sent them on x86-64. Those of interfaces end after the name: what follows is 600 bytes more. */
class NetlinkMessagesTest {
    /** {@code ip link del tb0}. */
    private static final String LINK_GONE =
            "28000000110000000000000000000000" + "0000010003000000" + "02100000ffffffff" + "0800030074623000";
    /** {@code ip link set tb0 up}. */
    private static final String LINK_UP =
            "28000000100000000000000000000000" + "0000010003000000" + "0310010001000000" + "0800030074623000";
    /** {@code ip link set tb0 mtu 1400}: no flag changes. */
    private static final String LINK_MTU =
            "28000000100000000000000000000000" + "0000010003000000" + "4310010000000000" + "0800030074623000";
    /** {@code ip addr del 10.9.0.1/32 dev tb0}. */
    private static final String ADDRESS_GONE = "4c000000150000006c32026b8f2200000220800003000000080001000a090001"
            + "080002000a0900010800030074623000080008008000000014000600ffffffffffffffffd80e6a00d80e6a00";
    /** {@code ip route del 10.2.0.0/24 table 7410}, by process 9784. */
    private static final String ROUTE_GONE = "3c000000190000009032026b3826000002180000fc4a0001000000000800"
            + "0f00f21c0000080001000a02000008001e00884e0b000800040003000000";
    /** What the kernel does itself when the last address of an interface goes. */
    private static final String LOCAL_ROUTE_GONE = "3c00000019000000000000000000000002200000ff02fe020000000008000f00"
            + "ff000000080001000a090001080007000a0900010800040003000000";
    /** {@code ip rule del priority 744}. */
    private static final String RULE_GONE = "44000000210000006b32026b8222000002001800fc0000010000000008000f00"
            + "f41c000008000e00ffffffff050015004a00000008000600e8020000080002000a010000";
    /** {@code ip nexthop del id 741000}. */
    private static final String NEXTHOP_GONE =
            "28000000690005006c32026b8922000002fe4a000000000008000100884e0b000800050003000000";
    /** The last two of what {@code nft delete table inet tombolo_gateway} sets off. */
    private static final String TABLE_GONE = "3c000000020a000001000000952200000100000414000100746f6d626f6c6f5f"
            + "676174657761790008000300000000000c0004000000000000000001";

    private static final String GENERATION =
            "2c0000000f0a000001000000952200000000000408000100000000040800020000002295080003006e667400";

    private static Set<KernelEvent> decoded(String hex) {
        return NetlinkMessages.decode(
                ByteBuffer.wrap(HexFormat.of().parseHex(hex)).order(ByteOrder.LITTLE_ENDIAN));
    }

    @Test
    void nameWhatIsGone() {
        assertEquals(Set.of(new KernelEvent.Link("tb0", 0)), decoded(LINK_GONE));
        assertEquals(Set.of(new KernelEvent.AddressGone(3, 8847)), decoded(ADDRESS_GONE));
        assertEquals(Set.of(new KernelEvent.Route(7410, 74, 9784)), decoded(ROUTE_GONE));
        assertEquals(Set.of(new KernelEvent.Route(255, 2, 0)), decoded(LOCAL_ROUTE_GONE));
        assertEquals(Set.of(new KernelEvent.Rule(744, 8834)), decoded(RULE_GONE));
        assertEquals(Set.of(new KernelEvent.Nexthop(741_000, 8841)), decoded(NEXTHOP_GONE));
        assertEquals(Set.of(new KernelEvent.Table("tombolo_gateway", 8853)), decoded(TABLE_GONE));
    }

    @Test
    void anInterfaceIsOfInterestWhenAFlagOfItChanges() {
        assertEquals(Set.of(new KernelEvent.Link("tb0", 0)), decoded(LINK_UP));
        assertEquals(Set.of(), decoded(LINK_MTU));
    }

    @Test
    void thatAGenerationOfNftablesEndsIsNoChangeOfATable() {
        assertEquals(Set.of(), decoded(GENERATION));
    }

    @Test
    void severalComeTogetherAndEachCountsOnce() {
        assertEquals(
                Set.of(new KernelEvent.Rule(744, 8834), new KernelEvent.Nexthop(741_000, 8841)),
                decoded(RULE_GONE + NEXTHOP_GONE + GENERATION + RULE_GONE));
    }

    /** Whatever the bytes are, what was whole before them is told and nothing is thrown. */
    @Test
    void whatIsCutOffAnywhereIsPassedOver() {
        for (String message : new String[] {LINK_GONE, ADDRESS_GONE, ROUTE_GONE, RULE_GONE, NEXTHOP_GONE, TABLE_GONE}) {
            for (int bytes = 0; bytes < message.length() / 2; bytes++) {
                assertEquals(decoded(RULE_GONE), decoded(RULE_GONE + message.substring(0, 2 * bytes)));
                String shorter =
                        HexFormat.of().toHexDigits((byte) bytes) + message.substring(2, 2 * Math.max(1, bytes));
                decoded(shorter); // its length says that it ends there
            }
        }
    }
}
