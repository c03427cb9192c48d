package io.tombolo.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Written by the operator. */
@ApiObject
public record GlobalServiceStatus(
        @Min(0) @Nullable Long observedGeneration,

        @Items(max = 16, type = Items.ListType.MAP, keys = "type") @Nullable
        List<Condition> conditions,

        @Nullable Export export,

        @Items(max = 256, type = Items.ListType.MAP, keys = "cluster") @Nullable
        List<Cluster> clusters,

        @Nullable Summary summary) {

    /**
     * @param name of the ServiceExport
     * @param managed whether it is ours, or one that stood there already
     */
    @ApiObject
    public record Export(
            @Text(max = 63) @Nullable String name, @Nullable Boolean managed) {}

    /**
     * @param sharePercent of new connections, as the endpoints in use give it
     * @param message why it is so
     */
    @ApiObject
    public record Cluster(
            @Required @Text(max = 63) String cluster,
            @Required ClusterState state,
            @Min(0) @Max(100) @Nullable Integer sharePercent,
            @Min(0) @Max(100_000) @Nullable Integer endpoints,
            @Min(0) @Max(100_000) @Nullable Integer ready,
            @Text(max = 256) @Nullable String message) {}

    public enum ClusterState {
        @JsonProperty("Receiving")
        RECEIVING,
        @JsonProperty("Standby")
        STANDBY,
        @JsonProperty("Excluded")
        EXCLUDED,
        @JsonProperty("Unreachable")
        UNREACHABLE,
        @JsonProperty("NoEndpoints")
        NO_ENDPOINTS
    }

    /** @param receiving clusters that get traffic now, with their shares */
    @ApiObject
    public record Summary(@Text(max = 1024) @Nullable String receiving) {}
}
