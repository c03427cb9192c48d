package io.tombolo.kube;

import io.tombolo.api.v1alpha1.ClusterLink;
import io.tombolo.api.v1alpha1.ClusterLinkSpec;
import io.tombolo.api.v1alpha1.GatewayEndpoint;
import io.tombolo.net.Addresses;
import io.tombolo.net.Cidr;
import io.tombolo.net.ClusterId;
import io.tombolo.net.Endpoint;
import io.tombolo.net.IdentityKey;
import io.tombolo.net.NotCanonicalException;
import io.tombolo.net.PublicKey;
import io.tombolo.plan.tunnel.LinkView;
import io.tombolo.plan.tunnel.LinkView.Access;
import io.tombolo.plan.tunnel.LinkView.PinnedGateway;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * ClusterLink → {@link LinkView}. The schema refuses at admission what cannot be parsed; what slips through (a CRD of
 * another version) becomes a finding, never an exception.
 */
public final class LinkReader {
    private static final int MOST_SHOWN = 256;

    private LinkReader() {}

    /** What reading gave: a view, or what is wrong with the object. */
    public sealed interface Result {
        record Read(LinkView link) implements Result {}

        record Unreadable(String name, Finding finding) implements Result {}
    }

    /**
     * The link as its spec says it, with nothing announced.
     *
     * @param keys what the gateways hold: tells whether the pre-shared key that the link asks for is there
     */
    public static Result read(ClusterLink link, GatewaySecret keys) {
        String name = link.getMetadata().getName();
        try {
            return new Result.Read(view(name, link, keys));
        } catch (UnreadableException e) {
            return new Result.Unreadable(name, e.finding);
        }
    }

    private static LinkView view(String name, ClusterLink link, GatewaySecret keys) throws UnreadableException {
        ClusterLinkSpec spec = link.getSpec();
        if (spec == null) {
            throw new UnreadableException(Problem.KEY_MISSING, "spec", "there is none");
        }
        ClusterId id = parse("metadata.name", name, Problem.INVALID_NAME, ClusterId::new);
        boolean allPods = spec.access() != null && spec.access().pods() == ClusterLinkSpec.PodAccess.ALL_PODS;
        return new LinkView(
                id,
                Instant.parse(link.getMetadata().getCreationTimestamp()),
                link.getMetadata().getUid(),
                identities(spec.identities()),
                gateways(spec.gateways()),
                prefixes(spec.prefixes()),
                allPods ? Access.ALL_PODS : Access.EXPORTED_SERVICES,
                spec.presharedKey() != null && !keys.presharedKeys().containsKey(id),
                Optional.empty());
    }

    private static List<IdentityKey> identities(@Nullable List<String> texts) throws UnreadableException {
        if (texts == null) {
            throw new UnreadableException(Problem.KEY_MISSING, "spec.identities", "there is none");
        }
        List<IdentityKey> identities = new ArrayList<>();
        for (String text : texts) {
            identities.add(key("spec.identities[" + identities.size() + "]", text, IdentityKey::parse));
        }
        return identities;
    }

    private static List<PinnedGateway> gateways(@Nullable List<ClusterLinkSpec.Gateway> pinned)
            throws UnreadableException {
        if (pinned == null) {
            throw new UnreadableException(Problem.KEY_MISSING, "spec.gateways", "there is none");
        }
        List<PinnedGateway> gateways = new ArrayList<>();
        for (ClusterLinkSpec.Gateway gateway : pinned) {
            String field = "spec.gateways[" + gateways.size() + "]";
            PublicKey key = key(field + ".publicKey", gateway.publicKey(), PublicKey::parse);
            gateways.add(new PinnedGateway(gateway.slot(), key, endpoint(field + ".endpoint", gateway.endpoint())));
        }
        gateways.sort(Comparator.comparingInt(PinnedGateway::slot));
        return gateways;
    }

    private static Optional<Endpoint> endpoint(String field, @Nullable GatewayEndpoint endpoint)
            throws UnreadableException {
        if (endpoint == null) {
            return Optional.empty();
        }
        InetAddress address =
                parse(field + ".address", endpoint.address(), Problem.ENDPOINT_FORBIDDEN, Addresses::parse);
        int port = endpoint.port();
        return Optional.of(parse(
                field + ".port",
                Integer.toString(port),
                Problem.ENDPOINT_INVALID,
                text -> new Endpoint(address, port)));
    }

    private static List<Cidr> prefixes(@Nullable List<String> texts) throws UnreadableException {
        List<Cidr> prefixes = new ArrayList<>();
        for (String text : texts == null ? List.<String>of() : texts) {
            prefixes.add(parse("spec.prefixes[" + prefixes.size() + "]", text, Problem.CIDR_INVALID, Cidr::parse));
        }
        prefixes.sort(Comparator.naturalOrder());
        return prefixes;
    }

    /** Never shows the value: it may be a private key pasted in the wrong place. */
    private static <T> T key(String field, @Nullable String text, Function<String, T> parser)
            throws UnreadableException {
        if (text == null || text.isEmpty()) {
            throw new UnreadableException(Problem.KEY_MISSING, field, "is empty");
        }
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException e) {
            throw new UnreadableException(Problem.KEY_FORMAT, field, String.valueOf(e.getMessage()));
        }
    }

    /** @param problem what it is where the value cannot be parsed at all */
    private static <T> T parse(String field, @Nullable String value, Problem problem, Function<String, T> parser)
            throws UnreadableException {
        String text = value == null ? "" : value;
        try {
            return parser.apply(text);
        } catch (NotCanonicalException e) {
            throw new UnreadableException(
                    problem == Problem.CIDR_INVALID ? Problem.CIDR_NOT_CANONICAL : Problem.ADDRESS_NOT_CANONICAL,
                    field,
                    String.valueOf(e.getMessage()));
        } catch (IllegalArgumentException e) {
            String message = String.valueOf(e.getMessage());
            throw new UnreadableException(problem, field, message.contains(text) ? message : text + ": " + message);
        }
    }

    private static final class UnreadableException extends Exception {
        private static final long serialVersionUID = 1L;
        private final transient Finding finding;

        UnreadableException(Problem problem, String field, String message) {
            super(message);
            // nothing bounds a value that the schema did not see
            this.finding = Finding.of(
                    problem, field, message.length() <= MOST_SHOWN ? message : message.substring(0, MOST_SHOWN) + "…");
        }
    }
}
