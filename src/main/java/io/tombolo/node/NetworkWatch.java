package io.tombolo.node;

import io.tombolo.handover.NetworkDocument;
import io.tombolo.plan.removal.Evidence;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Optional;

/**
 * Follows the one ConfigMap: list, then watch from there, again and again. The server ends each watch after 25 s and one
 * that is silent for longer is dropped, so that a half-open connection costs at most half a minute.
 */
final class NetworkWatch implements Runnable {
    private static final System.Logger LOG = System.getLogger(NetworkWatch.class.getName());
    private static final int WATCH_SECONDS = 25;
    private static final Duration SILENCE = Duration.ofSeconds(WATCH_SECONDS + 4);
    private static final Duration OPENING = Duration.ofSeconds(6);
    private static final long SHORTEST_PAUSE_MILLIS = 200;
    private static final long LONGEST_PAUSE_MILLIS = 5_000;
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final int GONE = 410;

    private final ApiServer server;
    private final String maps;
    private final String exportsKey;
    private final Listener listener;

    /** Told of what is, never of what changed. */
    interface Listener {
        /** @param exports empty text where the node exports nothing */
        void present(String network, String exports);

        /** The ConfigMap is provably gone. */
        void absent(Evidence proof);
    }

    NetworkWatch(ApiServer server, String namespace, String node, Listener listener) {
        this.server = server;
        this.maps = "/api/v1/namespaces/" + namespace + "/configmaps";
        this.exportsKey = NetworkDocument.EXPORTS_KEY_PREFIX + node;
        this.listener = listener;
    }

    /** The list is older than what the server keeps: list again. */
    private static final class TooOldException extends Exception {
        private static final long serialVersionUID = 1L;
    }

    @Override
    public void run() {
        String version = "";
        long pause = SHORTEST_PAUSE_MILLIS;
        String complaint = "";
        while (!Thread.currentThread().isInterrupted()) {
            try {
                if (version.isEmpty()) {
                    version = list();
                }
                version = follow(version);
                pause = SHORTEST_PAUSE_MILLIS;
                complaint = "";
            } catch (TooOldException e) {
                version = "";
            } catch (IOException | IllegalStateException e) {
                if (!complaint.equals(String.valueOf(e.getMessage()))) {
                    complaint = String.valueOf(e.getMessage());
                    LOG.log(Level.WARNING, "API server: {0}; keeping what is in force", complaint);
                }
                version = "";
                pause = pause(pause);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static long pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return Math.min(2 * millis, LONGEST_PAUSE_MILLIS);
    }

    /** @return the resourceVersion to watch from */
    private String list() throws IOException {
        ApiServer.Answer answer = server.get(maps + "?fieldSelector=metadata.name%3D" + NetworkDocument.CONFIG_MAP);
        require(answer);
        ApiObject list = ApiObject.parse(
                answer.body(),
                path -> path.equals("metadata.resourceVersion")
                        || path.equals("items[].metadata.name")
                        || path.startsWith("items[].data."));
        if (list.has("items[].metadata.name")) {
            present(list, "items[].data.");
        } else {
            confirmAbsence();
        }
        return list.value("metadata.resourceVersion");
    }

    /** An empty list alone is no proof: the object itself must be answered 404. */
    private void confirmAbsence() throws IOException {
        ApiServer.Answer answer = server.get(maps + "/" + NetworkDocument.CONFIG_MAP);
        if (isNotFound(answer)) {
            listener.absent(Evidence.NETWORK_NOT_FOUND);
        } else {
            require(answer);
            throw new IOException("the list lacks " + NetworkDocument.CONFIG_MAP + ", which exists");
        }
    }

    /** A 404 of the API itself, not of a server that does not know the path yet. */
    static boolean isNotFound(ApiServer.Answer answer) throws IOException {
        return answer.status() == NOT_FOUND
                && ApiObject.parse(answer.body(), path -> path.equals("reason"))
                        .value("reason")
                        .equals("NotFound");
    }

    /** Follows one watch to its end. @return the resourceVersion to go on from */
    private String follow(String from) throws IOException, InterruptedException, TooOldException {
        String version = from;
        try (EventLines lines = new EventLines()) {
            server.watch(
                    maps + "?watch=true&allowWatchBookmarks=true&timeoutSeconds=" + WATCH_SECONDS
                            + "&resourceVersion=" + from + "&fieldSelector=metadata.name%3D"
                            + NetworkDocument.CONFIG_MAP,
                    lines);
            int status = lines.status(OPENING);
            if (status == GONE) {
                throw new TooOldException();
            }
            if (status != OK) {
                throw new IOException("watching " + NetworkDocument.CONFIG_MAP + ": status " + status);
            }
            Optional<String> line = lines.line(SILENCE);
            while (line.isPresent()) {
                version = event(line.get(), version);
                line = lines.line(SILENCE);
            }
        }
        return version;
    }

    private String event(String line, String before) throws IOException, TooOldException {
        ApiObject event = ApiObject.parse(
                line,
                path -> path.equals("type")
                        || path.equals("object.code")
                        || path.equals("object.metadata.resourceVersion")
                        || path.startsWith("object.data."));
        switch (event.value("type")) {
            case "ADDED", "MODIFIED" -> present(event, "object.data.");
            case "DELETED" -> listener.absent(Evidence.NETWORK_DELETED);
            case "ERROR" -> {
                if (event.value("object.code").equals(Integer.toString(GONE))) {
                    throw new TooOldException();
                }
                throw new IOException("watch error " + event.value("object.code"));
            }
            default -> {} // BOOKMARK: only the version is new
        }
        String version = event.value("object.metadata.resourceVersion");
        return version.isEmpty() ? before : version;
    }

    private void present(ApiObject object, String data) {
        listener.present(object.value(data + NetworkDocument.KEY), object.value(data + exportsKey));
    }

    private static void require(ApiServer.Answer answer) throws IOException {
        if (answer.status() != OK) {
            throw new IOException("reading " + NetworkDocument.CONFIG_MAP + ": status " + answer.status());
        }
    }
}
