package io.tombolo.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A watch's objects as deflated JSON, unpacked when asked for: some 50 bytes an endpoint of a slice, where its objects
 * take a kilobyte. For collections of thousands that are read rarely and one by one.
 */
final class PackedStore<T extends HasMetadata> implements ItemStore<T> {
    private final Map<String, byte[]> packed = new ConcurrentHashMap<>();
    private final Class<T> type;
    private final KubernetesSerialization serialization;

    PackedStore(Class<T> type, KubernetesSerialization serialization) {
        this.type = type;
        this.serialization = serialization;
    }

    @Override
    public String getKey(T object) {
        return Cache.metaNamespaceKeyFunc(object);
    }

    @Override
    public @Nullable T put(String key, T object) {
        return unpacked(packed.put(key, pack(object)));
    }

    @Override
    public @Nullable T remove(String key) {
        return unpacked(packed.remove(key));
    }

    @Override
    public Stream<String> keySet() {
        return packed.keySet().stream();
    }

    /** Unpacked one by one, as the stream is read. */
    @Override
    public Stream<T> values() {
        return packed.values().stream().map(this::unpack);
    }

    @Override
    public int size() {
        return packed.size();
    }

    @Override
    public @Nullable T get(String key) {
        return unpacked(packed.get(key));
    }

    private byte[] pack(T object) {
        Deflater deflater = new Deflater(Deflater.BEST_SPEED);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DeflaterOutputStream out = new DeflaterOutputStream(bytes, deflater)) {
            out.write(serialization.asJson(object).getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e); // not of memory
        } finally {
            deflater.end();
        }
        return bytes.toByteArray();
    }

    private @Nullable T unpacked(byte @Nullable [] bytes) {
        return bytes == null ? null : unpack(bytes);
    }

    private T unpack(byte[] bytes) {
        try (InputStream in = new InflaterInputStream(new ByteArrayInputStream(bytes))) {
            return serialization.unmarshal(in, type);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // not of memory
        }
    }
}
