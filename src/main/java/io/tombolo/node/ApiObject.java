package io.tombolo.node;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;

/** The few scalars of a Kubernetes answer that are asked for, by path such as {@code object.metadata.resourceVersion}. */
record ApiObject(Map<String, String> values) {
    private static final JsonFactory JSON = new JsonFactory();

    /** @param wanted which paths to keep; an element of an array has the array's path and {@code []} */
    static ApiObject parse(String json, Predicate<String> wanted) throws IOException {
        Map<String, String> values = new HashMap<>();
        Deque<String> prefixes = new ArrayDeque<>();
        String path = "";
        try (JsonParser parser = JSON.createParser(json)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                switch (token) {
                    case FIELD_NAME -> path = prefixes.peek() + parser.currentName();
                    case START_OBJECT, START_ARRAY -> {
                        String here = path.isEmpty() ? "" : token == JsonToken.START_ARRAY ? path + "[]" : path + ".";
                        prefixes.push(here);
                        path = here.endsWith("[]") ? here : path;
                    }
                    case END_OBJECT, END_ARRAY -> {
                        prefixes.pop();
                        String outer = prefixes.isEmpty() ? "" : prefixes.peek();
                        path = outer;
                    }
                    default -> {
                        if (wanted.test(path)) {
                            values.put(path, parser.getText());
                        }
                    }
                }
            }
        }
        return new ApiObject(values);
    }

    /** The value, or empty text where there is none. */
    String value(String path) {
        return values.getOrDefault(path, "");
    }

    boolean has(String path) {
        return values.containsKey(path);
    }
}
