package io.tombolo.observe;

import java.util.Map;

/** Writes metrics in the Prometheus text format 0.0.4. The names are declared in {@link Metric}. */
public final class Exposition {
    public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final StringBuilder text = new StringBuilder(1024);

    /** Starts a family: its help and type. The values follow. */
    public Exposition family(Metric metric) {
        text.append("# HELP ").append(metric.id()).append(' ').append(metric.help());
        text.append("\n# TYPE ")
                .append(metric.id())
                .append(' ')
                .append(metric.type())
                .append('\n');
        return this;
    }

    /** @param labels their values hold neither quotes nor line breaks: ours are words of the code */
    public Exposition value(Metric metric, Map<String, String> labels, long value) {
        text.append(metric.id());
        if (!labels.isEmpty()) {
            char separator = '{';
            for (Map.Entry<String, String> label : labels.entrySet()) {
                text.append(separator)
                        .append(label.getKey())
                        .append("=\"")
                        .append(label.getValue())
                        .append('"');
                separator = ',';
            }
            text.append('}');
        }
        text.append(' ').append(value).append('\n');
        return this;
    }

    /** A family of one value without labels. */
    public Exposition single(Metric metric, long value) {
        return family(metric).value(metric, Map.of(), value);
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
