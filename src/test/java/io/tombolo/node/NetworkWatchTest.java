package io.tombolo.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tombolo.plan.removal.Evidence;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NetworkWatchTest implements NetworkWatch.Listener {
    private static final String EMPTY = "{\"metadata\":{\"resourceVersion\":\"5\"},\"items\":[]}";
    private static final String FULL = "{\"metadata\":{\"resourceVersion\":\"5\"},\"items\":[{\"metadata\":"
            + "{\"name\":\"tombolo-network\",\"managedFields\":[{\"a\":{\"b\":[1,[2]]}}]},\"data\":"
            + "{\"network.json\":\"one\",\"exports.n1\":\"mine\",\"exports.n2\":\"other\"}}]}";

    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private final FakeApi api;
    private final Thread watch;

    NetworkWatchTest(@TempDir Path credentials) throws Exception {
        api = new FakeApi(credentials, 4_000_000_000L);
        watch = Thread.ofPlatform().daemon().unstarted(new NetworkWatch(api.client(), "tombolo-system", "n1", this));
    }

    @Override
    public void present(String network, String exports) {
        heard.add(network + "/" + exports);
    }

    @Override
    public void absent(Evidence proof) {
        heard.add(proof.toString());
    }

    @AfterEach
    void stop() throws InterruptedException {
        api.events.add("");
        watch.interrupt();
        watch.join(5_000);
        api.close();
    }

    private void hears(String what) throws InterruptedException {
        assertEquals(what, heard.poll(10, TimeUnit.SECONDS));
    }

    private void serve(String path, int status, String body) {
        api.answers.put(path, new ApiServer.Answer(status, body));
    }

    private void event(String type, String data) {
        api.events.add("{\"type\":\"" + type + "\",\"object\":{\"metadata\":{\"resourceVersion\":\"6\"},\"data\":{"
                + data + "}}}");
    }

    @Test
    void tellsTheListThenEachChangeThenTheDeletion() throws Exception {
        serve(FakeApi.LIST, 200, FULL);
        watch.start();
        hears("one/mine");
        event("BOOKMARK", "");
        event("MODIFIED", "\"network.json\":\"two\"");
        hears("two/");
        event("DELETED", "\"network.json\":\"two\"");
        hears("NETWORK_DELETED");
    }

    @Test
    void goesOnWhereAWatchEnded() throws Exception {
        serve(FakeApi.LIST, 200, FULL);
        watch.start();
        hears("one/mine");
        api.events.add("");
        event("MODIFIED", "\"network.json\":\"two\"");
        hears("two/");
    }

    @Test
    void listsAgainWhenItsVersionIsTooOld() throws Exception {
        serve(FakeApi.LIST, 200, FULL);
        watch.start();
        hears("one/mine");
        api.events.add("{\"type\":\"ERROR\",\"object\":{\"code\":410,\"reason\":\"Expired\"}}");
        hears("one/mine");
    }

    @Test
    void anEmptyListIsProofOnlyWithA404OfTheObject() throws Exception {
        serve(FakeApi.LIST, 200, EMPTY);
        serve(FakeApi.MAP, 200, "{}");
        watch.start();
        assertEquals(null, heard.poll(500, TimeUnit.MILLISECONDS));
        serve(FakeApi.MAP, 404, "404 page not found");
        assertEquals(null, heard.poll(500, TimeUnit.MILLISECONDS));
        serve(FakeApi.MAP, 404, FakeApi.NOT_FOUND);
        hears("NETWORK_NOT_FOUND");
    }

    @Test
    void saysNothingWhileTheServerRefusesOrIsAway() throws Exception {
        serve(FakeApi.LIST, 403, "{}");
        watch.start();
        assertEquals(null, heard.poll(300, TimeUnit.MILLISECONDS));
        api.answers.clear();
        assertEquals(null, heard.poll(300, TimeUnit.MILLISECONDS));
        serve(FakeApi.LIST, 200, FULL);
        hears("one/mine");
    }
}
