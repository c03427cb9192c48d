package io.tombolo.kube;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

final class ChangeTest {
    private final ConfigMap first = map("u1", 1, "a");
    private final ConfigMap second = map("u1", 1, "b");

    @Test
    void isOfWhatDiffers() {
        Change<ConfigMap> change = new Change<>(first, second);
        assertTrue(change.isOf(ConfigMap::getData));
        assertFalse(change.isOf(Change::spec));
        assertEquals(second, change.object());
    }

    @Test
    void whatComesOrGoesIsOfEveryPart() {
        assertTrue(new Change<>(null, first).isOf(_ -> "the same"));
        assertTrue(new Change<>(first, null).isOf(_ -> "the same"));
        assertEquals(first, new Change<>(first, null).object());
    }

    @Test
    void anObjectMadeAnewHasAnotherSpec() {
        assertTrue(new Change<>(first, map("u1", 2, "a")).isOf(Change::spec));
        assertTrue(new Change<>(first, map("u2", 1, "a")).isOf(Change::spec));
    }

    @Test
    void aListenerToAPartHearsOfNothingElse() {
        List<Change<ConfigMap>> heard = new ArrayList<>();
        Consumer<Change<ConfigMap>> listener = Change.of(ConfigMap::getData, heard::add);
        listener.accept(new Change<>(first, second));
        listener.accept(new Change<>(first, map("u1", 2, "a")));
        assertEquals(List.of(new Change<>(first, second)), heard);
    }

    private static ConfigMap map(String uid, long generation, String value) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withUid(uid)
                .withGeneration(generation)
                .endMetadata()
                .addToData("value", value)
                .build();
    }
}
