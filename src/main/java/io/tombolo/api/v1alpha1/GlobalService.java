package io.tombolo.api.v1alpha1;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn.Type;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/** The Service of the same name is shared between linked clusters. */
@Group("tombolo.io")
@Version("v1alpha1")
@ShortNames("gsvc")
@Categories({"tombolo", "multicluster"})
@ValidationRule(
        value = "self.metadata.name.matches('^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$')",
        message = "InvalidName: the name of a GlobalService is the name of its Service")
@AdditionalPrinterColumn(name = "Strategy", jsonPath = ".spec.routing.strategy", type = Type.STRING)
@AdditionalPrinterColumn(name = "Ready", jsonPath = ".status.conditions[?(@.type=='Ready')].status", type = Type.STRING)
@AdditionalPrinterColumn(
        name = "Exported",
        jsonPath = ".status.conditions[?(@.type=='Exported')].status",
        type = Type.STRING)
@AdditionalPrinterColumn(name = "Receiving", jsonPath = ".status.summary.receiving", type = Type.STRING)
@AdditionalPrinterColumn(name = "Age", jsonPath = ".metadata.creationTimestamp", type = Type.DATE)
@AdditionalPrinterColumn(
        name = "Reason",
        jsonPath = ".status.conditions[?(@.type=='Ready')].reason",
        type = Type.STRING,
        priority = 1)
public final class GlobalService extends CustomResource<GlobalServiceSpec, GlobalServiceStatus> implements Namespaced {
    private static final long serialVersionUID = 1L;
}
