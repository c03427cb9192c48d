package io.tombolo.node;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.tombolo.problem.Finding;
import java.io.IOException;
import java.io.StringWriter;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.LinkedBlockingDeque;

/** Writes the NodeReport of this node: on change, at most once a minute, on a thread of its own. */
final class NodeReporter implements Runnable {
    private static final System.Logger LOG = System.getLogger(NodeReporter.class.getName());
    private static final Duration INTERVAL = Duration.ofMinutes(1);
    private static final String MANAGER = "tombolo-node";
    private static final String REPORTS = "/apis/tombolo.io/v1alpha1/nodereports/";
    private static final JsonFactory JSON = new JsonFactory();
    private static final int MAX_FINDINGS = 16;
    private static final int MAX_MESSAGE = 1024;

    private final ApiServer server;
    private final String node;
    private final LinkedBlockingDeque<Report> pending = new LinkedBlockingDeque<>();

    /** @param appliedAt when what is in force was applied */
    record Report(String version, Instant appliedAt, int remotePrefixes, List<Finding> findings) {
        Report {
            appliedAt = appliedAt.truncatedTo(ChronoUnit.SECONDS);
            findings = List.copyOf(findings);
        }
    }

    NodeReporter(ApiServer server, String node) {
        this.server = server;
        this.node = node;
    }

    void offer(Report report) {
        pending.add(report);
    }

    @Override
    public void run() {
        try {
            while (true) {
                Report report = pending.takeLast();
                pending.clear();
                if (!write(report)) {
                    pending.addFirst(report);
                }
                Thread.sleep(INTERVAL);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean write(Report report) {
        try {
            String query = "?fieldManager=" + MANAGER + "&force=true";
            ApiServer.Answer owner = server.get("/api/v1/nodes/" + node);
            String uid = ApiObject.parse(owner.body(), path -> path.equals("metadata.uid"))
                    .value("metadata.uid");
            require(server.apply(REPORTS + node + query, object(uid)));
            require(server.apply(REPORTS + node + "/status" + query, status(report)));
            return true;
        } catch (IOException | IllegalStateException e) {
            LOG.log(Level.INFO, "report not written: {0}", e.getMessage());
            return false;
        }
    }

    private static void require(ApiServer.Answer answer) throws IOException {
        if (answer.status() >= 300) {
            throw new IOException("status " + answer.status() + ": "
                    + ApiObject.parse(answer.body(), path -> path.equals("message"))
                            .value("message"));
        }
    }

    private String object(String uid) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = begin(text)) {
            if (!uid.isEmpty()) {
                json.writeArrayFieldStart("ownerReferences");
                json.writeStartObject();
                json.writeStringField("apiVersion", "v1");
                json.writeStringField("kind", "Node");
                json.writeStringField("name", node);
                json.writeStringField("uid", uid);
                json.writeEndObject();
                json.writeEndArray();
            }
            json.writeEndObject();
            json.writeEndObject();
        }
        return text.toString();
    }

    private String status(Report report) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = begin(text)) {
            json.writeEndObject();
            json.writeObjectFieldStart("status");
            json.writeStringField("version", report.version());
            json.writeStringField("appliedAt", report.appliedAt().toString());
            json.writeNumberField("remotePrefixes", report.remotePrefixes());
            json.writeArrayFieldStart("findings");
            for (Finding finding :
                    report.findings().stream().limit(MAX_FINDINGS).toList()) {
                json.writeStartObject();
                json.writeStringField("reason", finding.problem().reason());
                String message = finding.message();
                json.writeStringField("message", message.substring(0, Math.min(message.length(), MAX_MESSAGE)));
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
            json.writeEndObject();
        }
        return text.toString();
    }

    /** Up to and into {@code metadata}. */
    private JsonGenerator begin(StringWriter text) throws IOException {
        JsonGenerator json = JSON.createGenerator(text);
        json.writeStartObject();
        json.writeStringField("apiVersion", "tombolo.io/v1alpha1");
        json.writeStringField("kind", "NodeReport");
        json.writeObjectFieldStart("metadata");
        json.writeStringField("name", node);
        return json;
    }
}
