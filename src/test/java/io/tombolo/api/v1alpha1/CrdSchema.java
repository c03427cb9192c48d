package io.tombolo.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRule;
import java.lang.reflect.Field;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Completes a generated schema by what the generator cannot say of records: it walks records and schema side by side and
 * adds {@link Text}, {@link Items} and the bounds of the Kubernetes types we embed; rules that the generator emits once
 * for the field and once for the accessor of a component become one.
 */
final class CrdSchema {
    private CrdSchema() {}

    static void complete(JSONSchemaProps schema, Class<?> type) {
        if (type == Condition.class) {
            condition(schema);
        } else if (type == LabelSelector.class) {
            labelSelector(schema);
        } else if (type.isRecord()) {
            for (RecordComponent component : type.getRecordComponents()) {
                Field field = field(type, component.getName());
                JsonProperty renamed = field.getAnnotation(JsonProperty.class);
                String name = renamed == null ? component.getName() : renamed.value();
                complete(property(schema, name), field);
            }
        }
        schema.setXKubernetesValidations(
                schema.getXKubernetesValidations().stream().distinct().toList());
    }

    private static void complete(JSONSchemaProps property, Field field) {
        Type type = field.getGenericType();
        JSONSchemaProps element = property;
        if (type instanceof ParameterizedType generic) {
            boolean isMap = generic.getRawType() == Map.class;
            type = generic.getActualTypeArguments()[isMap ? 1 : 0];
            element = isMap
                    ? property.getAdditionalProperties().getSchema()
                    : property.getItems().getSchema();
            if (isMap) {
                property.setMaxProperties(16L);
            }
        }
        Optional.ofNullable(field.getAnnotation(Items.class)).ifPresent(items -> items(property, items));
        if (List.class.isAssignableFrom(field.getType()) && property.getMaxItems() == null) {
            throw new IllegalStateException(field + " is an unbounded list");
        }
        Text text = field.getAnnotation(Text.class);
        if (text != null) {
            text(element, text);
        } else if (type == String.class) {
            throw new IllegalStateException(field + " is an unbounded string");
        }
        if (type == int.class || type == Integer.class) {
            element.setFormat("int32");
        } else if (type == Long.class) {
            element.setFormat("int64");
        }
        complete(element, (Class<?>) type);
        property.setXKubernetesValidations(
                property.getXKubernetesValidations().stream().distinct().toList());
    }

    private static void items(JSONSchemaProps list, Items items) {
        list.setMaxItems((long) items.max());
        list.setMinItems(items.min() == 0 ? null : (long) items.min());
        list.setXKubernetesListType(items.type().name().toLowerCase(Locale.ROOT));
        if (items.type() == Items.ListType.MAP) {
            list.setXKubernetesListMapKeys(List.of(items.keys()));
        }
    }

    private static void text(JSONSchemaProps string, Text text) {
        Shape shape = text.value();
        if (shape == Shape.DATE_TIME) {
            string.setFormat("date-time");
        } else if (string.getType().equals("string")) {
            string.setMaxLength((long) (text.max() > 0 ? text.max() : shape.max()));
        }
        shape.rules().forEach(rule -> string.getXKubernetesValidations().add(validation(rule)));
    }

    private static ValidationRule validation(Shape.Rule rule) {
        ValidationRule validation = new ValidationRule();
        validation.setRule(rule.rule());
        validation.setMessage(rule.message());
        if (!rule.messageExpression().isEmpty()) {
            validation.setMessageExpression(rule.messageExpression());
        }
        return validation;
    }

    /** As {@code metav1.Condition}. */
    private static void condition(JSONSchemaProps schema) {
        property(schema, "type").setMaxLength(316L);
        property(schema, "status")
                .setEnum(List.of("True", "False", "Unknown").stream()
                        .<com.fasterxml.jackson.databind.JsonNode>map(JsonNodeFactory.instance::textNode)
                        .toList());
        property(schema, "lastTransitionTime").setFormat("date-time");
        property(schema, "observedGeneration").setMinimum(0.0);
        property(schema, "reason").setMinLength(1L);
        property(schema, "reason").setMaxLength(1024L);
        property(schema, "reason").setPattern("^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$");
        property(schema, "message").setMaxLength(32768L);
        schema.setRequired(List.of("type", "status", "lastTransitionTime", "reason", "message"));
    }

    /** As {@code metav1.LabelSelector}, bounded. */
    private static void labelSelector(JSONSchemaProps schema) {
        schema.setXKubernetesMapType("atomic");
        JSONSchemaProps labels = property(schema, "matchLabels");
        labels.setMaxProperties(16L);
        labels.getAdditionalProperties().getSchema().setMaxLength(63L);
        JSONSchemaProps expressions = property(schema, "matchExpressions");
        expressions.setMaxItems(16L);
        expressions.setXKubernetesListType("atomic");
        JSONSchemaProps expression = expressions.getItems().getSchema();
        expression.setRequired(List.of("key", "operator"));
        property(expression, "key").setMaxLength(317L);
        property(expression, "operator")
                .setEnum(List.of("In", "NotIn", "Exists", "DoesNotExist").stream()
                        .<com.fasterxml.jackson.databind.JsonNode>map(JsonNodeFactory.instance::textNode)
                        .toList());
        JSONSchemaProps values = property(expression, "values");
        values.setMaxItems(64L);
        values.setXKubernetesListType("atomic");
        values.getItems().getSchema().setMaxLength(63L);
    }

    static JSONSchemaProps property(JSONSchemaProps schema, String name) {
        return Optional.ofNullable(schema.getProperties().get(name))
                .orElseThrow(() -> new IllegalStateException("no property " + name + " in the schema"));
    }

    private static Field field(Class<?> type, String name) {
        try {
            return type.getDeclaredField(name);
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException(e);
        }
    }
}
