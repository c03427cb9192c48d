package io.tombolo.plan.tunnel;

import io.tombolo.net.Cidr;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The WireGuard devices of one of our slots: the door, and a lane for every slot index that any peer has. On lane k the
 * peers are slot k of every linked cluster, so that each pair of gateways has a session of its own and AllowedIPs never
 * move.
 *
 * @param door {@link Wire#DOOR_DEVICE}; carries announcements, never a pod's packet
 * @param lanes {@code tb0} … without gaps, in order; empty before any peer has announced itself
 */
public record DevicePlan(WantedDevice door, List<WantedDevice> lanes) {
    /** Seconds. Keeps a NAT mapping open, and makes a device that was restarted speak at once. */
    private static final int LANE_KEEPALIVE = 25;

    /** Seconds. A spare lane is not probed, and shall have its session soon. */
    private static final int SPARE_KEEPALIVE = 3;

    public DevicePlan {
        lanes = List.copyOf(lanes);
    }

    /**
     * @param slot which of our gateways, 0-7
     * @param node the node it runs on; lanes carry the network address of its pod range as peers know it, which no pod has, so that what the
     *     node itself sends into a lane (ICMP errors too) comes from inside our prefixes
     * @param mtu of every lane, bytes
     * @return empty where we have no such gateway
     */
    public static Optional<DevicePlan> of(Topology topology, int slot, String node, int mtu) {
        return topology.local().gateways().stream()
                .filter(gateway -> gateway.slot() == slot)
                .findFirst()
                .map(gateway -> new DevicePlan(door(topology, gateway), lanes(topology, gateway, node, mtu)));
    }

    /** The door, then the lanes. */
    public List<WantedDevice> devices() {
        return Stream.concat(Stream.of(door), lanes.stream()).toList();
    }

    /** With the next generation of our lane key on these lanes. */
    public DevicePlan turned(Set<Integer> which) {
        return new DevicePlan(
                door,
                lanes.stream()
                        .map(lane ->
                                Wire.lane(lane.name()).filter(which::contains).isPresent() ? lane.turned() : lane)
                        .toList());
    }

    private static WantedDevice door(Topology topology, LocalView.Gateway gateway) {
        List<WantedPeer> peers = new ArrayList<>();
        for (Peer peer : topology.peers().values()) {
            for (Peer.Door door : peer.doors()) {
                // no keepalive: a door that nobody needs stays silent
                peers.add(new WantedPeer(
                        peer.clusterId(),
                        door.slot(),
                        door.key(),
                        door.endpoint(),
                        List.of(Cidr.host(peer.address().door(door.slot()))),
                        0));
            }
        }
        Cidr address = Cidr.host(topology.local().tunnelAddress().door(gateway.slot()));
        return new WantedDevice(
                Wire.DOOR_DEVICE,
                gateway.doorKey(),
                topology.local().port(),
                List.of(address),
                Ceilings.DEFAULT,
                peers);
    }

    private static List<WantedDevice> lanes(Topology topology, LocalView.Gateway gateway, String node, int mtu) {
        List<Cidr> addresses = new ArrayList<>();
        addresses.add(Cidr.host(topology.local().tunnelAddress().lane(gateway.slot())));
        nodeAddress(topology.local(), node).ifPresent(addresses::add);
        return IntStream.range(0, topology.lanes())
                .mapToObj(k -> new WantedDevice(
                        Wire.laneDevice(k),
                        gateway.laneKey(),
                        gateway.nextLaneKey(),
                        Wire.lanePort(topology.local().port(), k),
                        addresses,
                        mtu,
                        lanePeers(topology, k, gateway.slot())))
                .toList();
    }

    private static List<WantedPeer> lanePeers(Topology topology, int k, int slot) {
        List<WantedPeer> peers = new ArrayList<>();
        for (Peer peer : topology.peers().values()) {
            if (k == Wire.SPARE_LANE && topology.hasSpare(peer)) {
                peers.add(spare(peer, peer.lanes().getFirst()));
            }
            for (Peer.Lane lane : peer.lanes()) {
                if (lane.slot() == k) {
                    List<Cidr> allowed = new ArrayList<>(peer.prefixes());
                    allowed.add(Cidr.host(peer.address().lane(k)));
                    peers.add(new WantedPeer(
                            peer.clusterId(),
                            k,
                            lane.key(),
                            lane.next(),
                            lane.endpoint().map(base -> base.plus(1 + slot)),
                            allowed,
                            lane.endpoint().isPresent() ? LANE_KEEPALIVE : 0));
                }
            }
        }
        return peers;
    }

    /** Under the newest key alone: with the first handshake all that we send arrives, whoever else acts when. */
    private static WantedPeer spare(Peer peer, Peer.Lane lane) {
        return new WantedPeer(
                peer.clusterId(),
                lane.slot(),
                lane.next().orElse(lane.key()),
                lane.endpoint().map(base -> base.plus(1 + Wire.SPARE_LANE)),
                peer.prefixes(),
                lane.endpoint().isPresent() ? SPARE_KEEPALIVE : 0);
    }

    /** An interface without any IPv4 address drops even what loose reverse-path filtering would pass. */
    private static Optional<Cidr> nodeAddress(LocalView local, String node) {
        Stream<Cidr> own =
                local.nodes().stream().filter(n -> n.name().equals(node)).flatMap(n -> n.podCidrs().stream());
        return Stream.concat(own, local.podCidrs().stream())
                .filter(Cidr::isIpv4)
                .findFirst()
                .map(range -> Cidr.host(local.aliases().of(range.network())));
    }
}
