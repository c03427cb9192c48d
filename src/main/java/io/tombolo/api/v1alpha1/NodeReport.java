package io.tombolo.api.v1alpha1;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn.Type;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/** What the agent of one node sees. Its name is the node's; the Node owns it. It has no spec: nobody asks anything of it. */
@Group("tombolo.io")
@Version("v1alpha1")
@ShortNames("nrep")
@Categories({"tombolo", "multicluster"})
@AdditionalPrinterColumn(name = "Applied", jsonPath = ".status.appliedAt", type = Type.DATE)
@AdditionalPrinterColumn(name = "Prefixes", jsonPath = ".status.remotePrefixes", type = Type.INTEGER)
@AdditionalPrinterColumn(name = "Finding", jsonPath = ".status.findings[0].reason", type = Type.STRING)
@AdditionalPrinterColumn(name = "Version", jsonPath = ".status.version", type = Type.STRING, priority = 1)
public final class NodeReport extends CustomResource<Void, NodeReportStatus> {
    private static final long serialVersionUID = 1L;
}
