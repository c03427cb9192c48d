package io.tombolo.api.v1alpha1;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn.Type;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/** Who we are. One per cluster, named {@link #NAME}. */
@Group("tombolo.io")
@Version("v1alpha1")
@ShortNames("lcl")
@Categories({"tombolo", "multicluster"})
@ValidationRule(value = "self.metadata.name == 'local'", message = "there is one LocalCluster, and its name is local")
@AdditionalPrinterColumn(name = "Cluster", jsonPath = ".spec.clusterId", type = Type.STRING)
@AdditionalPrinterColumn(name = "Ready", jsonPath = ".status.conditions[?(@.type=='Ready')].status", type = Type.STRING)
@AdditionalPrinterColumn(
        name = "Gateways",
        jsonPath = ".status.conditions[?(@.type=='GatewaysReady')].message",
        type = Type.STRING)
@AdditionalPrinterColumn(name = "Links", jsonPath = ".status.links.ready", type = Type.INTEGER)
@AdditionalPrinterColumn(name = "Age", jsonPath = ".metadata.creationTimestamp", type = Type.DATE)
@AdditionalPrinterColumn(
        name = "Reason",
        jsonPath = ".status.conditions[?(@.type=='Ready')].reason",
        type = Type.STRING,
        priority = 1)
@AdditionalPrinterColumn(name = "Version", jsonPath = ".status.version", type = Type.STRING, priority = 1)
public final class LocalCluster extends CustomResource<LocalClusterSpec, LocalClusterStatus> {
    private static final long serialVersionUID = 1L;

    /** The only name a LocalCluster may have. */
    public static final String NAME = "local";
}
