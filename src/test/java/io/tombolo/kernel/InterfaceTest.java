package io.tombolo.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tombolo.net.Cidr;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class InterfaceTest {
    private static final String LINKS = """
            1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN mode DEFAULT group default qlen 1000\\    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
            2: eth0@if3: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default\\    link/ether 02:42:ac:11:00:02 brd ff:ff:ff:ff:ff:ff
            4: ppp0: <POINTOPOINT,NOARP> mtu 1400 qdisc noop state DOWN mode DEFAULT group default qlen 3\\    link/ppp
            """;
    private static final String ADDRESSES = """
            1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever
            2: eth0    inet 172.17.5.2/16 brd 172.17.255.255 scope global eth0\\       valid_lft forever preferred_lft forever
            2: eth0    inet6 fd00:5::2/64 scope global \\       valid_lft forever preferred_lft forever
            2: eth0    inet6 fe80::42:acff:fe11:2/64 scope link \\       valid_lft forever preferred_lft forever
            4: ppp0    inet 10.9.0.1 peer 10.9.0.2/32 scope global ppp0\\       valid_lft forever preferred_lft forever
            """;

    private final SortedMap<String, Interface> interfaces = Interface.parse(LINKS + ADDRESSES);

    @Test
    void hasItsAddressesAndTheNetworksTheyAreIn() {
        assertEquals(Set.of("lo", "eth0", "ppp0"), interfaces.keySet());
        Interface eth0 = named("eth0");
        assertEquals(cidrs("172.17.5.2/32", "fd00:5::2/128"), eth0.addresses());
        assertEquals(cidrs("172.17.0.0/16", "fd00:5::/64"), eth0.networks());
        assertEquals(1500, eth0.mtu());
        assertEquals(0, eth0.queue());
        assertEquals(3, named("ppp0").queue());
        assertEquals(true, eth0.up());
    }

    @Test
    void oneEndOfAPointToPointLinkIsANetworkOfItsOwn() {
        assertEquals(cidrs("10.9.0.1/32"), named("ppp0").networks());
        assertEquals(false, named("ppp0").up());
    }

    private Interface named(String name) {
        return Objects.requireNonNull(interfaces.get(name));
    }

    private static List<Cidr> cidrs(String... texts) {
        return Stream.of(texts).map(Cidr::parse).toList();
    }
}
