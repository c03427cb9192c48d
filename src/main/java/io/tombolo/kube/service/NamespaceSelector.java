package io.tombolo.kube.service;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import io.tombolo.api.v1alpha1.Sharing;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Whether a namespace is chosen by the admin's {@code sharing}; what is not said allows. */
final class NamespaceSelector {
    private NamespaceSelector() {}

    static boolean allows(Sharing.@Nullable Namespaces sharing, Map<String, String> labels) {
        return sharing == null || sharing.namespaceSelector() == null || matches(sharing.namespaceSelector(), labels);
    }

    /** As the API server matches: every label and every expression; an operator we do not know matches nothing. */
    static boolean matches(LabelSelector selector, Map<String, String> labels) {
        Map<String, String> wanted = selector.getMatchLabels();
        List<LabelSelectorRequirement> expressions = selector.getMatchExpressions();
        return (wanted == null
                        || wanted.entrySet().stream()
                                .allMatch(l -> Objects.equals(labels.get(l.getKey()), l.getValue())))
                && (expressions == null || expressions.stream().allMatch(e -> matches(e, labels)));
    }

    private static boolean matches(LabelSelectorRequirement expression, Map<String, String> labels) {
        String value = labels.get(expression.getKey());
        List<String> values = Objects.requireNonNullElse(expression.getValues(), List.of());
        return switch (expression.getOperator()) {
            case "In" -> value != null && values.contains(value);
            case "NotIn" -> value == null || !values.contains(value);
            case "Exists" -> value != null;
            case "DoesNotExist" -> value == null;
            default -> false;
        };
    }
}
