package io.tombolo.api.v1alpha1;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.crdv2.generator.CRDPostProcessor;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinitionBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersion;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.CustomResource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code crds/} says what the records say. Rewrite it with {@code -Dgolden=update}. */
class CrdFilesTest {
    private static final Path CRDS = Path.of("crds");
    private static final String HEADER =
            "# Generated from io.tombolo.api.v1alpha1 by CrdFilesTest; rewrite with -Dgolden=update.\n";

    private record Kind(Class<?> spec, Class<?> status, Class<? extends CustomResource<?, ?>> type) {}

    private static final Map<String, Kind> KINDS = Map.of(
            "LocalCluster", new Kind(LocalClusterSpec.class, LocalClusterStatus.class, LocalCluster.class),
            "ClusterLink", new Kind(ClusterLinkSpec.class, ClusterLinkStatus.class, ClusterLink.class),
            "GlobalService", new Kind(GlobalServiceSpec.class, GlobalServiceStatus.class, GlobalService.class),
            "NodeReport", new Kind(Void.class, NodeReportStatus.class, NodeReport.class));

    @Test
    void crdFilesAreWhatTheRecordsSay(@TempDir Path generated) throws IOException {
        new CRDGenerator()
                .customResourceClasses(KINDS.values().stream()
                        .<Class<? extends HasMetadata>>map(Kind::type)
                        .toList())
                .inOutputDir(generated.toFile())
                .withMinQuotes(true)
                .withPostProcessor(new Complete())
                .generate();
        Map<String, String> wanted = read(generated, true);
        if ("update".equals(System.getProperty("golden"))) {
            for (String stale : read(CRDS, false).keySet()) {
                Files.delete(CRDS.resolve(stale));
            }
            for (var file : wanted.entrySet()) {
                Files.writeString(CRDS.resolve(file.getKey()), file.getValue());
            }
        }
        assertEquals(KINDS.size(), wanted.size());
        assertEquals(wanted, read(CRDS, false), "rewrite crds/ with -Dgolden=update");
    }

    private static Map<String, String> read(Path directory, boolean fresh) throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> entries = Files.list(directory)) {
            for (Path file :
                    entries.filter(f -> f.toString().matches(".*[.]ya?ml")).toList()) {
                String name = file.getFileName().toString();
                if (name.equals("kustomization.yaml")) {
                    continue;
                }
                String text = Files.readString(file);
                if (fresh) {
                    // kubectl reads YAML 1.1, where a bare True is no text but a boolean
                    text = text.replaceAll("(?m)^( *- )(True|False)$", "$1\"$2\"");
                }
                files.put(
                        fresh ? name.replace("-v1.yml", ".yaml") : name,
                        fresh ? HEADER + text.replaceFirst("(?s)^#[^\n]*\n---\n", "") : text);
            }
        }
        return files;
    }

    private static final class Complete implements CRDPostProcessor {
        @Override
        public HasMetadata process(HasMetadata generated, String crdSpecVersion) {
            CustomResourceDefinition crd = (CustomResourceDefinition) generated;
            Kind kind =
                    Objects.requireNonNull(KINDS.get(crd.getSpec().getNames().getKind()));
            CustomResourceDefinitionVersion version =
                    crd.getSpec().getVersions().getFirst();
            JSONSchemaProps root = version.getSchema().getOpenAPIV3Schema();
            CrdSchema.complete(root, kind.type());
            CrdSchema.complete(CrdSchema.property(root, "status"), kind.status());
            if (kind.spec() != Void.class) {
                CrdSchema.complete(CrdSchema.property(root, "spec"), kind.spec());
            }
            if (kind.type() == GlobalService.class) {
                // a GlobalService may be nothing but its name
                CrdSchema.property(root, "spec").setDefault(JsonNodeFactory.instance.objectNode());
            } else if (kind.spec() != Void.class) {
                root.setRequired(List.of("spec"));
            }
            version.setAdditionalPrinterColumns(columns(kind.type()));
            return crd;
        }

        /** In the order of the annotations; the generator sorts them by path. */
        private static List<CustomResourceColumnDefinition> columns(Class<?> type) {
            return Stream.of(type.getAnnotationsByType(AdditionalPrinterColumn.class))
                    .map(column -> new CustomResourceColumnDefinitionBuilder()
                            .withName(column.name())
                            .withType(column.type().getValue())
                            .withJsonPath(column.jsonPath())
                            .withPriority(column.priority() == 0 ? null : column.priority())
                            .build())
                    .toList();
        }
    }
}
