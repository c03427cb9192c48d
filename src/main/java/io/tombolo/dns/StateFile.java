package io.tombolo.dns;

import io.tombolo.dns.zone.ImportedService;
import io.tombolo.dns.zone.ImportedService.Endpoint;
import io.tombolo.dns.zone.ImportedService.Port;
import io.tombolo.net.Addresses;
import io.tombolo.net.Cidr;
import io.tombolo.net.NamespacedName;
import io.tombolo.net.Transport;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The world written down, so that a restarted server answers while the API server is away. Replaced whole by a rename: a
 * reader sees the old one or the new one. Format: magic, then the values in order, counts ahead of lists, as
 * {@link DataOutputStream} writes them.
 */
final class StateFile {
    private static final int MAGIC = 0x54424401; // "TBD", version 1
    private static final int MAX_COUNT = 1_000_000;

    private final Path path;

    StateFile(Path path) {
        this.path = path;
    }

    /**
     * What was last written; empty where nothing was.
     *
     * @throws IOException where the file cannot be read or is not one of ours
     */
    Optional<RememberedImports> read() throws IOException {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(path)))) {
            if (in.readInt() != MAGIC) {
                throw new IOException(path + " is not a state file of this version");
            }
            return Optional.of(read(in));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new IOException(path + " is damaged", e);
        }
    }

    /** @throws IOException where it cannot be written; the old file then stays */
    void write(Imports imports) throws IOException {
        Path part = path.resolveSibling(path.getFileName() + ".part");
        try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(part)))) {
            out.writeInt(MAGIC);
            writeSurroundings(out, imports.surroundings());
            for (NamespacedName name : imports.names()) {
                Optional<ImportedService> service = imports.read(name);
                if (service.isPresent()) {
                    out.writeBoolean(true);
                    writeService(out, service.get());
                }
            }
            out.writeBoolean(false);
        }
        Files.move(part, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static RememberedImports read(DataInputStream in) throws IOException {
        Surroundings surroundings = new Surroundings(
                readOptional(in),
                Set.copyOf(readList(in, i -> i.readUTF())),
                Set.copyOf(readList(in, i -> i.readUTF())),
                readList(in, i -> Cidr.parse(i.readUTF())),
                readList(in, StateFile::readAddress));
        Map<NamespacedName, ImportedService> services = new HashMap<>();
        while (in.readBoolean()) {
            NamespacedName name = new NamespacedName(in.readUTF(), in.readUTF());
            services.put(
                    name,
                    new ImportedService(
                            name,
                            in.readBoolean(),
                            readList(in, StateFile::readAddress),
                            readList(in, StateFile::readPort),
                            readList(in, StateFile::readEndpoint)));
        }
        return new RememberedImports(surroundings, services);
    }

    private static void writeSurroundings(DataOutputStream out, Surroundings surroundings) throws IOException {
        writeOptional(out, surroundings.localCluster());
        writeList(out, surroundings.linked(), DataOutputStream::writeUTF);
        writeList(out, surroundings.dead(), DataOutputStream::writeUTF);
        writeList(out, surroundings.sources(), (o, cidr) -> o.writeUTF(cidr.toString()));
        writeList(out, surroundings.nameServer(), StateFile::writeAddress);
    }

    private static void writeService(DataOutputStream out, ImportedService service) throws IOException {
        out.writeUTF(service.name().namespace());
        out.writeUTF(service.name().name());
        out.writeBoolean(service.headless());
        writeList(out, service.ips(), StateFile::writeAddress);
        writeList(out, service.ports(), StateFile::writePort);
        writeList(out, service.endpoints(), (o, endpoint) -> {
            o.writeUTF(endpoint.cluster());
            writeAddress(o, endpoint.address());
            writeOptional(o, endpoint.hostname());
            o.writeBoolean(endpoint.ready());
            writeList(o, endpoint.ports(), StateFile::writePort);
        });
    }

    private static Endpoint readEndpoint(DataInputStream in) throws IOException {
        return new Endpoint(
                in.readUTF(), readAddress(in), readOptional(in), in.readBoolean(), readList(in, StateFile::readPort));
    }

    private static void writePort(DataOutputStream out, Port port) throws IOException {
        out.writeUTF(port.name());
        out.writeByte(port.transport().number());
        out.writeShort(port.port());
    }

    private static Port readPort(DataInputStream in) throws IOException {
        String name = in.readUTF();
        int number = in.readUnsignedByte();
        for (Transport transport : Transport.values()) {
            if (transport.number() == number) {
                return new Port(name, transport, in.readUnsignedShort());
            }
        }
        throw new IOException("transport " + number + " is none");
    }

    private static void writeAddress(DataOutputStream out, InetAddress address) throws IOException {
        byte[] bytes = address.getAddress();
        out.writeByte(bytes.length);
        out.write(bytes);
    }

    private static InetAddress readAddress(DataInputStream in) throws IOException {
        byte[] bytes = new byte[in.readUnsignedByte()];
        in.readFully(bytes);
        return Addresses.of(bytes);
    }

    private static void writeOptional(DataOutputStream out, Optional<String> text) throws IOException {
        out.writeBoolean(text.isPresent());
        if (text.isPresent()) {
            out.writeUTF(text.get());
        }
    }

    private static Optional<String> readOptional(DataInputStream in) throws IOException {
        return in.readBoolean() ? Optional.of(in.readUTF()) : Optional.empty();
    }

    private static <T> void writeList(DataOutputStream out, Collection<T> list, ElementWriter<T> writer)
            throws IOException {
        out.writeInt(list.size());
        for (T element : list) {
            writer.write(out, element);
        }
    }

    private static <T> List<T> readList(DataInputStream in, ElementReader<T> reader) throws IOException {
        int count = in.readInt();
        if (count < 0 || count > MAX_COUNT) {
            throw new IOException("a list of " + count);
        }
        List<T> list = new ArrayList<>(Math.min(count, 1024));
        for (int i = 0; i < count; i++) {
            list.add(reader.read(in));
        }
        return list;
    }

    private interface ElementWriter<T> {
        void write(DataOutputStream out, T element) throws IOException;
    }

    private interface ElementReader<T> {
        T read(DataInputStream in) throws IOException;
    }
}
