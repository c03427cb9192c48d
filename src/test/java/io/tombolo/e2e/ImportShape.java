package io.tombolo.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ServicePort;
import io.tombolo.api.mcs.ServiceImport;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/** What a test expects of a ServiceImport: each assertion throws where the import is different. */
final class ImportShape {
    private static final Comparator<ServiceImport.Port> BY_NAME =
            Comparator.comparing(p -> Objects.requireNonNullElse(p.name(), ""));

    private ImportShape() {}

    static Consumer<ServiceImport> hasType(String type) {
        return found -> assertEquals(type, found.getSpec().type());
    }

    /** Those of the Services and no others, in any order. */
    static Consumer<ServiceImport> hasPorts(ServicePort... ports) {
        List<ServiceImport.Port> expected = Arrays.stream(ports)
                .map(p -> new ServiceImport.Port(p.getName(), p.getProtocol(), p.getPort(), p.getAppProtocol()))
                .sorted(BY_NAME)
                .toList();
        return found -> assertEquals(
                expected, found.getSpec().ports().stream().sorted(BY_NAME).toList());
    }

    /** Labels, and annotations: {@code some} among them, and no key of {@code none}. */
    static Consumer<ServiceImport> carries(Map<String, String> some, Map<String, String> none) {
        return found -> {
            for (Map<String, String> carried :
                    List.of(found.getMetadata().getLabels(), found.getMetadata().getAnnotations())) {
                assertTrue(carried.entrySet().containsAll(some.entrySet()), () -> carried + " lacks " + some);
                assertTrue(none.keySet().stream().noneMatch(carried::containsKey), () -> carried + " has " + none);
            }
        };
    }

    static List<String> ips(ServiceImport found) {
        List<String> ips = found.getSpec().ips();
        return ips == null ? List.of() : ips;
    }
}
