package io.tombolo.api.v1alpha1;

import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Written on change, at most once a minute.
 *
 * @param version of the agent
 * @param appliedAt when the plan that is in force was applied
 * @param remotePrefixes how many prefixes of peers this node routes
 * @param findings what keeps the node from doing its part; absent or empty: nothing
 */
@ApiObject
public record NodeReportStatus(
        @Text(max = 63) @Nullable String version,
        @Text(Shape.DATE_TIME) @Nullable String appliedAt,
        @Min(0) @Max(100_000) @Nullable Integer remotePrefixes,
        @Items(max = 16) @Nullable List<Reported> findings) {

    /** @param reason an entry of the problem catalogue */
    @ApiObject
    public record Reported(
            @Required @Text(max = 64) String reason,
            @Required @Text(max = 1024) String message) {}
}
