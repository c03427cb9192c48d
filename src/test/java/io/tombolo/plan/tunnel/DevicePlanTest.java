package io.tombolo.plan.tunnel;

import static io.tombolo.plan.tunnel.Views.announcement;
import static io.tombolo.plan.tunnel.Views.announcing;
import static io.tombolo.plan.tunnel.Views.cidrs;
import static io.tombolo.plan.tunnel.Views.endpoint;
import static io.tombolo.plan.tunnel.Views.identity;
import static io.tombolo.plan.tunnel.Views.key;
import static io.tombolo.plan.tunnel.Views.link;
import static io.tombolo.plan.tunnel.Views.slot;
import static io.tombolo.plan.tunnel.Views.west;
import static io.tombolo.plan.tunnel.Views.withDoor;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tombolo.net.Cidr;
import io.tombolo.net.ClusterId;
import io.tombolo.net.TunnelAddress;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DevicePlanTest {
    private static final ClusterId EAST = new ClusterId("east");
    private static final Cidr OUR_DOOR =
            Cidr.host(TunnelAddress.of(identity(Views.WEST)).door(0));
    private static final Cidr OUR_LANE =
            Cidr.host(TunnelAddress.of(identity(Views.WEST)).lane(0));

    @Test
    void beforeFirstContactThereIsOnlyTheDoor() {
        DevicePlan plan = plan(link("east", 1));
        assertEquals(List.of(plan.door()), plan.devices());
        assertEquals(
                new WantedDevice(
                        "tbdoor",
                        key(Views.WEST),
                        51820,
                        List.of(OUR_DOOR),
                        1420,
                        List.of(new WantedPeer(
                                EAST,
                                0,
                                key(1),
                                Optional.of(endpoint("198.51.100.1:51820")),
                                List.of(Cidr.host(TunnelAddress.of(identity(1)).door(0))),
                                0))),
                plan.door());
    }

    @Test
    void aLaneReachesTheSameSlotOfEveryPeerOnThePortOfOurSlot() {
        DevicePlan plan =
                plan(announcing(link("east", 1), "10.52.0.0/16"), announcing(link("north", 2), "10.53.0.0/16"));
        assertEquals(1, plan.lanes().size());
        WantedDevice lane = plan.lanes().getFirst();
        assertEquals("tb0", lane.name());
        assertEquals(key(Views.WEST + 1), lane.publicKey());
        assertEquals(51821, lane.listenPort());
        assertEquals(List.of(Cidr.parse("10.42.0.0/32"), OUR_LANE), lane.addresses());
        assertEquals(
                List.of(
                        new WantedPeer(
                                EAST,
                                0,
                                key(51),
                                Optional.of(endpoint("198.51.100.1:51821")),
                                List.of(
                                        Cidr.parse("10.52.0.0/16"),
                                        Cidr.host(TunnelAddress.of(identity(1)).lane(0))),
                                25),
                        new WantedPeer(
                                new ClusterId("north"),
                                0,
                                key(52),
                                Optional.of(endpoint("198.51.100.2:51821")),
                                List.of(
                                        Cidr.parse("10.53.0.0/16"),
                                        Cidr.host(TunnelAddress.of(identity(2)).lane(0))),
                                25)),
                lane.peers());
    }

    @Test
    void lanesHaveNoGapsAndNoPeerOfAnotherSlot() {
        LinkView east = link("east", 1)
                .withAnnounced(
                        announcement("east", List.of(slot(0, 51), slot(2, 52, "198.51.100.9:51820")), "10.52.0.0/16"));
        DevicePlan plan = plan(east);
        assertEquals(
                List.of("tb0", "tb1", "tb2"),
                plan.lanes().stream().map(WantedDevice::name).toList());
        assertEquals(
                List.of(51821, 51822, 51823),
                plan.lanes().stream().map(WantedDevice::listenPort).toList());
        assertEquals(List.of(), plan.lanes().get(1).peers());
        assertEquals(key(52), plan.lanes().get(2).peers().getFirst().publicKey());
        assertEquals(
                Optional.of(endpoint("198.51.100.9:51821")),
                plan.lanes().get(2).peers().getFirst().endpoint());
    }

    @Test
    void aPeerThatDialsUsHasNoEndpointAndNoKeepalive() {
        WantedPeer peer = plan(announcing(withDoor(link("east", 1), key(1), Optional.empty()), "10.52.0.0/16"))
                .lanes()
                .getFirst()
                .peers()
                .getFirst();
        assertEquals(Optional.empty(), peer.endpoint());
        assertEquals(0, peer.persistentKeepalive());
    }

    @Test
    void aLaneCarriesTheNetworkAddressOfItsNodesOwnPodRange() {
        LocalView base = west();
        LocalView west = new LocalView(
                base.clusterId(),
                base.identity(),
                base.port(),
                base.gateways(),
                List.of(new LocalView.Node("n1", base.nodes().getFirst().address(), cidrs("10.42.3.0/24"))),
                base.podCidrs(),
                base.serviceCidrs(),
                base.protectedAddresses(),
                base.protectedCidrs());
        Topology topology = TopologyPlanner.plan(west, List.of(announcing(link("east", 1), "10.52.0.0/16")));
        assertEquals(
                List.of(Cidr.parse("10.42.3.0/32"), OUR_LANE),
                DevicePlan.of(topology, 0, "n1", 1420)
                        .orElseThrow()
                        .lanes()
                        .getFirst()
                        .addresses());
    }

    @Test
    void thereIsNoPlanForASlotWeDoNotHave() {
        assertEquals(Optional.empty(), DevicePlan.of(TopologyPlanner.plan(west(), List.of()), 1, "n1", 1420));
    }

    private static DevicePlan plan(LinkView... links) {
        return DevicePlan.of(TopologyPlanner.plan(west(), List.of(links)), 0, "n11", 1420)
                .orElseThrow();
    }
}
