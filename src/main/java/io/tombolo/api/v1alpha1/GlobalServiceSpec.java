package io.tombolo.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.fabric8.generator.annotation.Default;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** @param imports JSON field {@code import} */
@ApiObject
public record GlobalServiceSpec(
        @Default("{}") @Nullable Export export,

        @JsonProperty("import") @Default("{}") @Nullable Import imports,

        @Default("{\"strategy\": \"LocalFirst\"}") @Nullable Routing routing) {

    /** @param toClusters who may import it; absent or empty: every peer */
    @ApiObject
    public record Export(
            @Default("WhenServiceExists") @Nullable ExportPolicy policy,

            @Text(Shape.CLUSTER_ID) @Items(max = 256, type = Items.ListType.SET) @Nullable
            List<String> toClusters) {}

    public enum ExportPolicy {
        /** Exported while a Service of the same name exists here. */
        @JsonProperty("WhenServiceExists")
        WHEN_SERVICE_EXISTS,
        /** Imported and routed only. */
        @JsonProperty("Never")
        NEVER
    }

    /** @param fromClusters whom we import from; absent or empty: every peer */
    @ApiObject
    public record Import(
            @Text(Shape.CLUSTER_ID) @Items(max = 256, type = Items.ListType.SET) @Nullable
            List<String> fromClusters) {}

    @ApiObject
    public record Routing(@Default("LocalFirst") @Nullable Strategy strategy) {}

    public enum Strategy {
        /** Endpoints of this cluster while it has ready ones, else those of all others. */
        @JsonProperty("LocalFirst")
        LOCAL_FIRST,
        /** All endpoints alike, wherever they are. */
        @JsonProperty("Balanced")
        BALANCED
    }
}
