package io.tombolo.node;

import io.tombolo.host.PosixSpawnRunner;
import io.tombolo.host.StateDirectory;
import java.nio.file.Files;
import java.nio.file.Path;

/** A node's agent in a process and namespace of its own, with a document that does not change. */
public final class NodeProcess {
    private NodeProcess() {}

    /** @param args the node's name, a file with the network document, state directory */
    public static void main(String[] args) throws Exception {
        StateDirectory state = StateDirectory.open(Path.of(args[2]));
        NodeAgent agent = new NodeAgent(new NodePlane(args[0], PosixSpawnRunner.create(), state), state, report -> {
            System.out.println("report " + report.findings());
        });
        agent.present(Files.readString(Path.of(args[1])), "");
        agent.run();
    }
}
