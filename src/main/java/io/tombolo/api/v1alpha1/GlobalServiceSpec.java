package io.tombolo.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;
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

    /**
     * @param weights with {@code Weighted}; who is not named receives nothing
     * @param order with {@code Ordered}: the first that is live and ready enough receives everything
     * @param minReadyPercent with {@code Ordered}, 1-100; absent: 1
     */
    @ApiObject
    @ValidationRule(
            value = "(self.strategy == 'Weighted') == has(self.weights)",
            message = "weights belong to strategy Weighted, and Weighted needs them")
    @ValidationRule(
            value = "!has(self.weights) || self.weights.exists(w, w.weight != 0)",
            message = "WeightInvalid: at least one weight must be above 0")
    @ValidationRule(
            value = "!has(self.weights) || self.weights.all(w, self.weights.exists_one(v, v.cluster == w.cluster))",
            message = "WeightInvalid: a cluster has one weight")
    @ValidationRule(
            value = "(self.strategy == 'Ordered') == has(self.order)",
            message = "order belongs to strategy Ordered, and Ordered needs it")
    @ValidationRule(
            value = "!has(self.order) || self.order.all(c, self.order.exists_one(d, d == c))",
            message = "a cluster may stand in order once")
    @ValidationRule(
            value = "!has(self.minReadyPercent) || self.strategy == 'Ordered'",
            message = "minReadyPercent belongs to strategy Ordered")
    public record Routing(
            @Default("LocalFirst") @Nullable Strategy strategy,

            @Items(max = 64) @Nullable List<Weight> weights,

            @Text(Shape.CLUSTER_ID) @Items(min = 1, max = 64) @Nullable
            List<String> order,

            @Min(1) @Max(100) @Nullable Integer minReadyPercent) {}

    /** @param weight 0-1000, beside those of the others; 0: nothing */
    @ApiObject
    public record Weight(
            @Required @Text(Shape.CLUSTER_ID) String cluster,
            @Required @Text(Shape.WEIGHT) int weight) {}

    public enum Strategy {
        /** Endpoints of this cluster while it has ready ones, else those of all others. */
        @JsonProperty("LocalFirst")
        LOCAL_FIRST,
        /** All endpoints alike, wherever they are. */
        @JsonProperty("Balanced")
        BALANCED,
        /** In proportion to {@link Routing#weights}, as near as whole endpoints come to it. */
        @JsonProperty("Weighted")
        WEIGHTED,
        /** The first cluster of {@link Routing#order} that is live and ready enough. */
        @JsonProperty("Ordered")
        ORDERED
    }
}
