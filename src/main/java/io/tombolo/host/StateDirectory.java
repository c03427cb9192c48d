package io.tombolo.host;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What an agent must know to start without the API server: files of mode 0600 in a directory of mode 0700, on a tmpfs
 * that a reboot empties, written whole or not at all. Each begins with a line {@code sha256 <hex>} over the rest, so that
 * a damaged file is seen as such and never half believed.
 */
public final class StateDirectory {
    /** On the host, shared by the agents of a node. */
    public static final Path HOST = Path.of("/run/tombolo");

    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9.-]{0,62}");
    private static final int HEADER = "sha256 ".length() + 64 + 1;

    private final Path directory;

    private StateDirectory(Path directory) {
        this.directory = directory;
    }

    /** What a file holds. */
    public sealed interface Stored {
        record Absent() implements Stored {}

        /** Present and whole. */
        record Whole(byte[] content) implements Stored {
            public String text() {
                return new String(content, StandardCharsets.UTF_8);
            }
        }

        /** There, but not what was written: to be reported, and treated as absent. */
        record Corrupt(String reason) implements Stored {}
    }

    /**
     * Opens the directory, makes it where it is absent, and sets its mode.
     *
     * @throws IOException where it cannot be made, or is something else than a directory
     */
    public static StateDirectory open(Path directory) throws IOException {
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectories(directory);
        }
        if (Files.isSymbolicLink(directory)) {
            throw new IOException(directory + " is a symbolic link");
        }
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        return new StateDirectory(directory);
    }

    /** Replaces the file atomically; after a crash either the old or the new content is there. */
    public void write(String name, byte[] content) throws IOException {
        Path target = path(name);
        Path fresh = Files.createTempFile(
                directory,
                "." + name,
                "",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            try (FileChannel channel = FileChannel.open(fresh, Set.of(StandardOpenOption.WRITE))) {
                writeFully(channel, ByteBuffer.wrap(header(content)));
                writeFully(channel, ByteBuffer.wrap(content));
                channel.force(true);
            }
            Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    public void write(String name, String content) throws IOException {
        write(name, content.getBytes(StandardCharsets.UTF_8));
    }

    /** @throws IOException where the file exists and cannot be read at all */
    public Stored read(String name) throws IOException {
        Path file = path(name);
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return new Stored.Absent();
        }
        byte[] bytes = Files.readAllBytes(file);
        if (bytes.length < HEADER) {
            return new Stored.Corrupt(file + " is truncated");
        }
        byte[] content = Arrays.copyOfRange(bytes, HEADER, bytes.length);
        return Arrays.equals(header(content), Arrays.copyOf(bytes, HEADER))
                ? new Stored.Whole(content)
                : new Stored.Corrupt(file + " does not match its checksum");
    }

    public void delete(String name) throws IOException {
        Files.deleteIfExists(path(name));
    }

    private Path path(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("not a name of a state file: " + name);
        }
        return directory.resolve(name);
    }

    private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static byte[] header(byte[] content) {
        return ("sha256 " + sha256(content) + "\n").getBytes(StandardCharsets.US_ASCII);
    }

    /** What to keep of a text that is only to be recognised: 64 hex digits. */
    public static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
