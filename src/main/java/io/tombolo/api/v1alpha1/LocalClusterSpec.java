package io.tombolo.api.v1alpha1;

import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Toleration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** @param clusterId our name among the linked clusters, for good */
@ApiObject
public record LocalClusterSpec(
        @Required
        @Text(Shape.CLUSTER_ID)
        @ValidationRule(
                value = "self == oldSelf",
                message = "clusterId is immutable: delete and recreate the LocalCluster to change it")
        String clusterId,

        @Default("{}") @Nullable Gateways gateways,
        @Default("{}") @Nullable Network network,
        @Default("{}") @Nullable Dns dns,
        @Default("{}") @Nullable Keys keys,
        @Default("{}") @Nullable Sharing sharing) {

    /**
     * @param replicas how many gateways carry traffic, each on a node of its own, 1-8
     * @param nodeSelector nodes that may run a gateway; absent: any, labelled ones preferred
     * @param port UDP port of the door; lanes take the ports behind it
     * @param advertise what peers are told to dial, where it is not the gateway node's own address
     */
    @ApiObject
    public record Gateways(
            @Min(1) @Max(8) @Default("1") @Nullable Integer replicas,
            @Text(max = 63) @Nullable Map<String, String> nodeSelector,
            @Items(max = 16) @Nullable List<Toleration> tolerations,

            @Text(Shape.LISTEN_PORT) @Default("51820") @Nullable
            Integer port,

            @Items(max = 8, type = Items.ListType.MAP, keys = "slot") @Nullable
            List<Advertised> advertise) {}

    /**
     * @param slot 0-7
     * @param addresses empty: the slot only dials out
     * @param port absent: {@code gateways.port}
     */
    @ApiObject
    public record Advertised(
            @Required @Min(0) @Max(7) int slot,

            @Required @Text(Shape.GATEWAY_ADDRESS) @Items(max = 2, type = Items.ListType.SET)
            List<String> addresses,

            @Text(Shape.PORT) @Nullable Integer port) {}

    /**
     * What cannot be detected, and what no peer may ever claim.
     *
     * @param protectedCIDRs refused in every announcement, beside what is detected
     * @param aliases under which other clusters know our pods, where their own addresses are taken there
     */
    @ApiObject
    @ValidationRule(
            value =
                    "!has(self.aliases) || self.aliases.all(a, self.aliases.exists_one(b, !isCIDR(a.cidr) || !isCIDR(b.cidr)"
                            + " ? a.cidr == b.cidr : cidr(a.cidr).containsCIDR(cidr(b.cidr)) ||"
                            + " cidr(b.cidr).containsCIDR(cidr(a.cidr))))",
            message = "CIDRList: the cidrs of two aliases overlap")
    @ValidationRule(
            value = "!has(self.aliases) || self.aliases.all(a, self.aliases.exists_one(b, !isCIDR(a.alias) ||"
                    + " !isCIDR(b.alias) ? a.alias == b.alias : cidr(a.alias).containsCIDR(cidr(b.alias)) ||"
                    + " cidr(b.alias).containsCIDR(cidr(a.alias))))",
            message = "CIDRList: two aliases overlap")
    public record Network(
            @Text(Shape.CIDR) @Items(min = 1, max = 16, type = Items.ListType.SET) @Nullable
            List<String> podCIDRs,

            @Text(Shape.CIDR) @Items(min = 1, max = 4, type = Items.ListType.SET) @Nullable
            List<String> serviceCIDRs,

            @Text(Shape.PROTECTED_CIDR) @Items(max = 64, type = Items.ListType.SET) @Nullable
            List<String> protectedCIDRs,

            @Items(max = 16, type = Items.ListType.MAP, keys = "cidr") @Nullable
            List<Alias> aliases) {}

    /**
     * Other clusters know the pods of a range of ours under another one, address by address.
     *
     * @param cidr a range of our pods
     * @param alias of the same family and length
     */
    @ApiObject
    @ValidationRule(
            value = "!isCIDR(self.cidr) || !isCIDR(self.alias) || (cidr(self.cidr).prefixLength() =="
                    + " cidr(self.alias).prefixLength() && cidr(self.cidr).ip().family() =="
                    + " cidr(self.alias).ip().family())",
            message = "CIDRInvalid: cidr and alias must have the same family and length")
    public record Alias(
            @Required @Text(Shape.CIDR) String cidr,
            @Required @Text(Shape.CIDR) String alias) {}

    /**
     * @param rotationHours how old the key of a gateway's lanes gets before another takes its place, without a packet lost; 0:
     *     as old as it likes
     */
    @ApiObject
    public record Keys(
            @Min(0) @Max(8760) @Default("720") @Nullable Integer rotationHours) {}

    /** @param replicas of Deployment tombolo-dns, 1-10 */
    @ApiObject
    public record Dns(
            @Default("Auto") @Nullable DnsWiring wiring,
            @Min(1) @Max(10) @Default("2") @Nullable Integer replicas) {}
}
