package io.tombolo.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Three writers, each with its own fields: the operator (conditions, summary), the importer (peer), and each gateway
 * the paths of its own slot.
 */
@ApiObject
public record ClusterLinkStatus(
        @Min(0) @Nullable Long observedGeneration,

        @Items(max = 16, type = Items.ListType.MAP, keys = "type") @Nullable
        List<Condition> conditions,

        @Nullable Peer peer,

        @Items(
                max = 64,
                type = Items.ListType.MAP,
                keys = {"localSlot", "peerSlot"})
        @Nullable
        List<Path> paths,

        @Nullable Summary summary) {
    /** Characters of a finding's text. */
    public static final int MAX_MESSAGE = 512;

    /**
     * What the peer last announced and was accepted.
     *
     * @param sequence of that announcement
     * @param acknowledged highest sequence of <em>our</em> announcements that the peer says it holds
     * @param signedAnnouncement the very bytes, so that everyone who uses them verifies them again
     * @param version of the peer's software
     * @param services it exports
     * @param refused what of its exports is not used here
     * @param stale whether what it exports may have changed without our hearing of it; absent where it is current
     */
    @ApiObject
    public record Peer(
            @Min(0) @Nullable Long sequence,
            @Min(0) @Nullable Long acknowledged,
            @Nullable SignedBytes signedAnnouncement,
            @Text(max = 63) @Nullable String version,
            @Min(0) @Max(100_000) @Nullable Integer services,

            @Text(max = 43) @Items(max = 64, type = Items.ListType.SET) @Nullable
            List<String> prefixes,

            @Items(max = 8, type = Items.ListType.MAP, keys = "slot") @Nullable
            List<Slot> gateways,

            @Items(max = Peer.MOST_REFUSED) @Nullable List<Refused> refused,
            @Nullable Boolean stale,
            @Text(Shape.DATE_TIME) @Nullable String since) {
        public static final int MOST_REFUSED = 8;
    }

    /** @param reason an entry of the problem catalogue */
    @ApiObject
    public record Refused(
            @Required @Text(max = 64) String reason,
            @Required @Text(max = MAX_MESSAGE) String message) {}

    /**
     * Base64 of both. The bounds are those of {@code io.tombolo.trust.SignedAnnouncement}: 8192 and 64 bytes.
     *
     * @param signature Ed25519
     */
    @ApiObject
    public record SignedBytes(
            @Required @Text(max = 10924) String bytes,
            @Required @Text(max = 88) String signature) {}

    /** @param publicKey of the slot's lanes */
    @ApiObject
    public record Slot(
            @Required @Min(0) @Max(7) int slot,
            @Required @Text(max = 44) String publicKey) {}

    /**
     * One pair of gateways, as our slot sees it.
     *
     * @param since of {@code state}
     * @param reason an entry of the problem catalogue
     * @param message what the reason is about, such as the field and value of an announcement that was refused
     * @param mtu of the lane, bytes
     * @param keyGeneration of our key on the lane; absent before there is a lane
     */
    @ApiObject
    public record Path(
            @Required @Min(0) @Max(7) int localSlot,
            @Required @Min(0) @Max(7) int peerSlot,
            @Required PathState state,
            @Text(Shape.DATE_TIME) @Nullable String since,
            @Text(max = 64) @Nullable String reason,
            @Text(max = MAX_MESSAGE) @Nullable String message,
            @Min(0) @Max(60_000) @Nullable Integer rttMillis,
            @Min(0) @Max(65_535) @Nullable Integer mtu,
            @Min(1) @Nullable Integer keyGeneration) {}

    public enum PathState {
        @JsonProperty("Up")
        UP,
        @JsonProperty("Down")
        DOWN,
        @JsonProperty("Unknown")
        UNKNOWN
    }

    /** @param paths up of all, such as {@code 1/1} */
    @ApiObject
    public record Summary(
            @Text(max = 16) @Nullable String paths,
            @Min(0) @Max(60_000) @Nullable Integer rttMillis) {}
}
