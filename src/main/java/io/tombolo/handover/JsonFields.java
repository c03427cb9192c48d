package io.tombolo.handover;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The few steps by which our documents are read. Each leaves the parser at the last token of what it read. */
final class JsonFields {
    private final JsonParser json;

    JsonFields(JsonParser json) {
        this.json = json;
    }

    /** Reads one object, from behind its opening brace to its closing one. */
    interface ObjectReader<T> {
        T read(JsonFields json) throws IOException, MalformedDocumentException;
    }

    /** The name of the next field, and steps to its value; empty at the end of the object. */
    String nextField() throws IOException, MalformedDocumentException {
        JsonToken token = json.nextToken();
        if (token == JsonToken.END_OBJECT) {
            return "";
        }
        require(token, JsonToken.FIELD_NAME);
        String name = json.currentName();
        json.nextToken();
        return name.isEmpty() ? "(unnamed)" : name;
    }

    void skip() throws IOException {
        json.skipChildren();
    }

    String string() throws IOException, MalformedDocumentException {
        require(json.currentToken(), JsonToken.VALUE_STRING);
        return json.getText();
    }

    boolean bool() throws IOException, MalformedDocumentException {
        if (json.currentToken() != JsonToken.VALUE_FALSE) {
            require(json.currentToken(), JsonToken.VALUE_TRUE);
        }
        return json.getBooleanValue();
    }

    int number(int min, int max) throws IOException, MalformedDocumentException {
        require(json.currentToken(), JsonToken.VALUE_NUMBER_INT);
        int value = json.getIntValue();
        if (value < min || value > max) {
            throw new MalformedDocumentException(
                    json.currentName() + " is " + value + ", and must be " + min + " to " + max);
        }
        return value;
    }

    List<String> strings(int max) throws IOException, MalformedDocumentException {
        require(json.currentToken(), JsonToken.START_ARRAY);
        List<String> strings = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            bound(strings.size(), max);
            strings.add(string());
        }
        return strings;
    }

    <T> List<T> objects(int max, ObjectReader<T> reader) throws IOException, MalformedDocumentException {
        require(json.currentToken(), JsonToken.START_ARRAY);
        List<T> objects = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            bound(objects.size(), max);
            require(json.currentToken(), JsonToken.START_OBJECT);
            objects.add(reader.read(this));
        }
        return objects;
    }

    void require(@Nullable JsonToken actual, JsonToken expected) throws MalformedDocumentException {
        if (actual != expected) {
            throw new MalformedDocumentException(actual + " stands where " + expected + " belongs, at character "
                    + json.currentLocation().getCharOffset());
        }
    }

    private void bound(int size, int max) throws MalformedDocumentException {
        if (size >= max) {
            throw new MalformedDocumentException("a list has more than " + max + " entries");
        }
    }
}
