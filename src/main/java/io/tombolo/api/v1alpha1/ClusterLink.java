package io.tombolo.api.v1alpha1;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn.Type;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/** Who a peer is. Its name is the peer's cluster ID. */
@Group("tombolo.io")
@Version("v1alpha1")
@ShortNames("clink")
@Categories({"tombolo", "multicluster"})
@ValidationRule(
        value = "self.metadata.name.matches('^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$')",
        message = "InvalidName: the name of a ClusterLink is the cluster ID of the peer: one DNS label")
@ValidationRule(
        value = "!(self.metadata.name in ['svc', 'pod', 'clusterset', 'local'])",
        message = "InvalidName: the name of a ClusterLink is the cluster ID of the peer; this word is reserved")
@ValidationRule(
        value = "!self.metadata.name.startsWith('xn--')",
        message = "InvalidName: the name of a ClusterLink is the cluster ID of the peer; no encoded international name")
@AdditionalPrinterColumn(name = "Ready", jsonPath = ".status.conditions[?(@.type=='Ready')].status", type = Type.STRING)
@AdditionalPrinterColumn(
        name = "Reason",
        jsonPath = ".status.conditions[?(@.type=='Ready')].reason",
        type = Type.STRING)
@AdditionalPrinterColumn(name = "Paths", jsonPath = ".status.summary.paths", type = Type.STRING)
@AdditionalPrinterColumn(name = "Services", jsonPath = ".status.peer.services", type = Type.INTEGER)
@AdditionalPrinterColumn(name = "Age", jsonPath = ".metadata.creationTimestamp", type = Type.DATE)
@AdditionalPrinterColumn(name = "RTT", jsonPath = ".status.summary.rttMillis", type = Type.INTEGER, priority = 1)
@AdditionalPrinterColumn(name = "Access", jsonPath = ".spec.access.pods", type = Type.STRING, priority = 1)
@AdditionalPrinterColumn(name = "Version", jsonPath = ".status.peer.version", type = Type.STRING, priority = 1)
public final class ClusterLink extends CustomResource<ClusterLinkSpec, ClusterLinkStatus> {
    private static final long serialVersionUID = 1L;
}
