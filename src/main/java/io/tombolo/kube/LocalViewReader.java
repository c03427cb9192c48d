package io.tombolo.kube;

import io.tombolo.api.v1alpha1.GatewayEndpoint;
import io.tombolo.api.v1alpha1.LocalCluster;
import io.tombolo.api.v1alpha1.LocalClusterSpec;
import io.tombolo.api.v1alpha1.LocalClusterStatus;
import io.tombolo.net.Addresses;
import io.tombolo.net.Aliases;
import io.tombolo.net.Cidr;
import io.tombolo.net.ClusterId;
import io.tombolo.net.Endpoint;
import io.tombolo.net.IdentityKey;
import io.tombolo.net.PrivateKey;
import io.tombolo.net.PublicKey;
import io.tombolo.plan.tunnel.LocalView;
import java.net.InetAddress;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** LocalCluster with its status → {@link LocalView}: the same for everyone who plans. */
public final class LocalViewReader {
    /** Of {@code spec.gateways.port}, as the CRD has it. */
    public static final int DEFAULT_PORT = 51820;

    /** Of {@code spec.gateways.replicas}, as the CRD has it. */
    private static final int DEFAULT_REPLICAS = 1;

    private LocalViewReader() {}

    /** How many gateways there shall be: slots 0 to this, without it. */
    public static int replicas(LocalClusterSpec spec) {
        return spec.gateways() == null || spec.gateways().replicas() == null
                ? DEFAULT_REPLICAS
                : spec.gateways().replicas();
    }

    /** Where doors listen. */
    public static int port(LocalClusterSpec spec) {
        return spec.gateways() == null || spec.gateways().port() == null
                ? DEFAULT_PORT
                : spec.gateways().port();
    }

    /** What of a LocalCluster is read here, and whether it goes. */
    public static Object part(LocalCluster cluster) {
        Optional<LocalClusterStatus> status = Optional.ofNullable(cluster.getStatus());
        return List.of(
                Change.spec(cluster),
                cluster.isMarkedForDeletion(),
                status.map(LocalClusterStatus::network),
                status.map(LocalClusterStatus::invitation));
    }

    /**
     * @param keys of our gateways; a slot without a lane key is left out
     * @param nodes ordered by name
     * @param protectedAddresses what no peer may claim besides nodes
     * @return empty until the operator has written network and invitation
     */
    public static Optional<LocalView> read(
            LocalCluster cluster,
            GatewaySecret keys,
            List<LocalView.Node> nodes,
            Collection<InetAddress> protectedAddresses) {
        LocalClusterStatus status = cluster.getStatus();
        if (status == null
                || status.network() == null
                || status.invitation() == null
                || status.invitation().identity() == null) {
            return Optional.empty();
        }
        LocalClusterSpec.Network given = cluster.getSpec().network();
        LocalView local = new LocalView(
                new ClusterId(cluster.getSpec().clusterId()),
                IdentityKey.parse(status.invitation().identity()),
                port(cluster.getSpec()),
                gateways(status.invitation(), keys),
                nodes,
                cidrs(status.network().podCIDRs()),
                cidrs(status.network().serviceCIDRs()),
                List.copyOf(protectedAddresses),
                cidrs(given == null ? null : given.protectedCIDRs()));
        return Optional.of(local.under(aliases(cluster.getSpec())));
    }

    /** Under which addresses the admin wants our pods known. */
    public static Aliases aliases(LocalClusterSpec spec) {
        if (spec.network() == null || spec.network().aliases() == null) {
            return Aliases.NONE;
        }
        return new Aliases(spec.network().aliases().stream()
                .map(pair -> new Aliases.Alias(Cidr.parse(pair.cidr()), Cidr.parse(pair.alias())))
                .toList());
    }

    private static List<LocalView.Gateway> gateways(LocalClusterStatus.Invitation invitation, GatewaySecret keys) {
        List<LocalClusterStatus.Door> doors = invitation.gateways() == null ? List.of() : invitation.gateways();
        return doors.stream()
                .flatMap(door -> keys.lane(door.slot()).stream()
                        .map(lane -> new LocalView.Gateway(
                                door.slot(),
                                PublicKey.parse(door.publicKey()),
                                lane.key().publicKey(),
                                lane.generation(),
                                lane.next().map(PrivateKey::publicKey),
                                endpoints(door.endpoints()))))
                .sorted(Comparator.comparingInt(LocalView.Gateway::slot))
                .toList();
    }

    private static List<Endpoint> endpoints(@Nullable List<GatewayEndpoint> endpoints) {
        return (endpoints == null ? List.<GatewayEndpoint>of() : endpoints)
                .stream()
                        .map(e -> new Endpoint(Addresses.parse(e.address()), e.port()))
                        .toList();
    }

    private static List<Cidr> cidrs(@Nullable List<String> texts) {
        return (texts == null ? List.<String>of() : texts)
                .stream().map(Cidr::parse).sorted().toList();
    }
}
