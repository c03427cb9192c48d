package io.tombolo.node;

import io.tombolo.host.PosixSpawnRunner;
import io.tombolo.host.StateDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;

/** A node's agent in a process and namespace of its own, and the document as it stands in a file. */
public final class NodeProcess {
    private NodeProcess() {}

    /** @param args the node's name, a file with the network document, state directory */
    public static void main(String[] args) throws Exception {
        StateDirectory state = StateDirectory.open(Path.of(args[2]));
        NodeAgent agent = new NodeAgent(new NodePlane(args[0], PosixSpawnRunner.create(), state), state, report -> {
            System.out.println("report " + report.findings());
        });
        Path document = Path.of(args[1]);
        WatchService changes = document.getFileSystem().newWatchService();
        document.resolveSibling(".").register(changes, StandardWatchEventKinds.ENTRY_CREATE);
        Thread.ofVirtual().start(() -> follow(document, changes, agent));
        agent.run();
    }

    private static void follow(Path document, WatchService changes, NodeAgent agent) {
        try {
            while (true) {
                agent.present(Files.readString(document), "");
                WatchKey key = changes.take();
                key.pollEvents();
                key.reset();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
