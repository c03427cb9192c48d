package io.tombolo.kube;

import io.tombolo.api.v1alpha1.ClusterLink;
import io.tombolo.api.v1alpha1.ClusterLinkSpec;
import io.tombolo.api.v1alpha1.GatewayEndpoint;
import io.tombolo.net.Addresses;
import io.tombolo.net.Cidr;
import io.tombolo.net.ClusterId;
import io.tombolo.net.Endpoint;
import io.tombolo.net.IdentityKey;
import io.tombolo.net.PublicKey;
import io.tombolo.plan.tunnel.LinkView;
import io.tombolo.plan.tunnel.LinkView.Access;
import io.tombolo.plan.tunnel.LinkView.PinnedGateway;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import io.tombolo.trust.Announcement;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * ClusterLink → {@link LinkView}. The schema refuses at admission what cannot be parsed; what slips through (a CRD of
 * another version) becomes a finding, never an exception.
 */
public final class LinkReader {
    private LinkReader() {}

    /** What reading gave: a view, or what is wrong with the object. */
    public sealed interface Result {
        record Read(LinkView link) implements Result {}

        record Unreadable(String name, Finding finding) implements Result {}
    }

    /** @param announced the last accepted announcement of this peer */
    public static Result read(ClusterLink link, Optional<Announcement> announced) {
        String name = link.getMetadata().getName();
        try {
            return new Result.Read(view(name, link, announced));
        } catch (UnreadableException e) {
            return new Result.Unreadable(name, e.finding);
        }
    }

    private static LinkView view(String name, ClusterLink link, Optional<Announcement> announced)
            throws UnreadableException {
        ClusterLinkSpec spec = link.getSpec();
        ClusterId id = parse("metadata.name", Problem.IDENTITY_MISMATCH, () -> new ClusterId(name));
        List<IdentityKey> identities = parse("spec.identities", Problem.KEY_WEAK, () -> spec.identities().stream()
                .map(IdentityKey::parse)
                .toList());
        List<PinnedGateway> gateways = parse("spec.gateways", Problem.ENDPOINT_FORBIDDEN, () -> spec.gateways().stream()
                .map(g -> new PinnedGateway(
                        g.slot(),
                        PublicKey.parse(g.publicKey()),
                        Optional.ofNullable(g.endpoint()).map(LinkReader::endpoint)))
                .sorted(Comparator.comparingInt(PinnedGateway::slot))
                .toList());
        List<Cidr> pin = parse(
                "spec.prefixes",
                Problem.CIDR_RESERVED,
                () -> spec.prefixes() == null
                        ? List.of()
                        : spec.prefixes().stream().map(Cidr::parse).sorted().toList());
        boolean allPods = spec.access() != null && spec.access().pods() == ClusterLinkSpec.PodAccess.ALL_PODS;
        return new LinkView(
                id,
                Instant.parse(link.getMetadata().getCreationTimestamp()),
                link.getMetadata().getUid(),
                identities,
                gateways,
                pin,
                allPods ? Access.ALL_PODS : Access.EXPORTED_SERVICES,
                announced);
    }

    private static Endpoint endpoint(GatewayEndpoint endpoint) {
        return new Endpoint(Addresses.parse(endpoint.address()), endpoint.port());
    }

    private static <T> T parse(String field, Problem problem, Supplier<T> parser) throws UnreadableException {
        try {
            return parser.get();
        } catch (IllegalArgumentException e) {
            throw new UnreadableException(Finding.of(problem, field, field + ": " + e.getMessage()));
        }
    }

    private static final class UnreadableException extends Exception {
        private static final long serialVersionUID = 1L;
        private final transient Finding finding;

        UnreadableException(Finding finding) {
            super(finding.message());
            this.finding = finding;
        }
    }
}
