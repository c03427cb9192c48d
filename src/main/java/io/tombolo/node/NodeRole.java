package io.tombolo.node;

import io.tombolo.host.PosixSpawnRunner;
import io.tombolo.host.StateDirectory;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The {@code node} role. Environment: NODE_NAME, and what every pod has. */
public final class NodeRole {
    private static final System.Logger LOG = System.getLogger(NodeRole.class.getName());
    private static final int USAGE = 2;

    /** Of this build. */
    static final String VERSION = Optional.ofNullable(
                    NodeRole.class.getPackage().getImplementationVersion())
            .orElse("dev");

    private NodeRole() {}

    /**
     * Runs until SIGTERM.
     *
     * @return 0 after an orderly end, 1 where the node cannot be programmed at all, 2 for wrong usage
     */
    public static int run(List<String> args) {
        Map<String, String> environment = System.getenv();
        String node = environment.getOrDefault("NODE_NAME", "");
        if (!args.isEmpty() || node.isBlank()) {
            LOG.log(Level.ERROR, "the node role takes no arguments and needs NODE_NAME (spec.nodeName)");
            return USAGE;
        }
        try {
            serve(node, environment);
            return 0;
        } catch (IOException | IllegalStateException e) {
            LOG.log(Level.ERROR, "{0}", e.getMessage());
            return 1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    private static void serve(String node, Map<String, String> environment) throws IOException, InterruptedException {
        ApiServer server = ApiServer.inCluster(environment);
        String namespace = namespace(environment);
        NodeReporter reporter = new NodeReporter(server, node);
        StateDirectory state = StateDirectory.open(StateDirectory.HOST);
        NodeAgent agent = new NodeAgent(new NodePlane(node, PosixSpawnRunner.create(), state), state, reporter::offer);
        Witness witness = new Witness(server, namespace, Clock.systemUTC());
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(agent, witness), "stop"));
        Thread.ofPlatform().daemon().name("watch").start(new NetworkWatch(server, namespace, node, agent));
        Thread.ofVirtual().name("report").start(reporter);
        LOG.log(Level.INFO, "node {0} starts, version {1}", node, VERSION);
        agent.run();
        Thread.currentThread().join(); // told to stop: the hook decides what is removed, then the process ends
    }

    private static void stop(NodeAgent agent, Witness witness) {
        try {
            agent.stop();
            NodeAgent.Stopped stopped = agent.decide(witness::ask);
            LOG.log(
                    Level.INFO,
                    stopped.cleaned() ? "{0}: everything of ours is removed" : "{0}: everything stays",
                    stopped.evidence());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String namespace(Map<String, String> environment) throws IOException {
        String given = environment.getOrDefault("POD_NAMESPACE", "");
        return given.isBlank()
                ? Files.readString(Path.of("/var/run/secrets/kubernetes.io/serviceaccount/namespace"))
                        .strip()
                : given;
    }
}
