package io.tombolo.exchange;

import io.grpc.stub.ServerCallStreamObserver;
import io.tombolo.exchange.ExportLedger.Item;
import io.tombolo.exchange.ExportLedger.Member;
import io.tombolo.exchange.ExportLedger.Shape;
import io.tombolo.exchange.wire.EndpointsChanged;
import io.tombolo.exchange.wire.KeepAlive;
import io.tombolo.exchange.wire.ServiceRemoved;
import io.tombolo.exchange.wire.SnapshotBegin;
import io.tombolo.exchange.wire.SnapshotEnd;
import io.tombolo.exchange.wire.Update;
import io.tombolo.net.ClusterId;
import io.tombolo.net.NamespacedName;
import io.tombolo.plan.service.ExportedService;
import io.tombolo.plan.service.ExportedService.Endpoint;
import io.tombolo.trust.SignedAnnouncement;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One stream we feed: as much as the reader takes, from where it is. Nothing is queued for a slow reader but its place
 * in the ledger. On the exchange's thread only.
 */
final class PeerFeed {
    private final ClusterId peer;
    private final String instance;
    private final ExportLedger ledger;
    private final ServerCallStreamObserver<Update> out;

    /** The reader has everything up to here. */
    private long sent;

    private long snapshotAt;
    private int snapshotServices;
    private @Nullable Deque<NamespacedName> snapshot;
    private @Nullable SignedAnnouncement announcement;
    private long lastSent = System.nanoTime();

    /** @param resumeAt how far the reader is in this instance; empty: it needs a snapshot */
    PeerFeed(
            ClusterId peer,
            String instance,
            ExportLedger ledger,
            ServerCallStreamObserver<Update> out,
            Optional<Long> resumeAt) {
        this.peer = peer;
        this.instance = instance;
        this.ledger = ledger;
        this.out = out;
        if (resumeAt.isPresent() && resumeAt.get() >= ledger.forgotten() && resumeAt.get() <= ledger.last()) {
            sent = resumeAt.get();
        } else {
            beginSnapshot();
        }
    }

    void hello(Update.Builder hello) {
        send(hello, 0);
    }

    /** Says it as soon as the reader takes it; only the newest counts. */
    void announce(SignedAnnouncement newest) {
        announcement = newest;
        drain();
    }

    /** Sends what the reader takes now; called again on every change and whenever it takes more. */
    void drain() {
        while (out.isReady() && !out.isCancelled()) {
            SignedAnnouncement said = announcement;
            if (said != null) {
                announcement = null;
                send(Update.newBuilder().setAnnouncement(WireWriter.announcement(said)), sent);
            } else if (snapshot != null) {
                continueSnapshot(snapshot);
            } else if (sent < ledger.forgotten()) {
                beginSnapshot();
            } else if (!sendNextChange()) {
                return;
            }
        }
    }

    /** Once a second: says that we live, and gives up on a reader that takes nothing. */
    void tick(long now, Bounds bounds, boolean behind) {
        if (out.isReady() && now - lastSent >= Bounds.KEEP_ALIVE.toNanos()) {
            send(Update.newBuilder().setKeepAlive(KeepAlive.newBuilder().setBehind(behind)), sent);
        } else if (!out.isReady() && now - lastSent > bounds.stuck().toNanos()) {
            close(io.grpc.Status.RESOURCE_EXHAUSTED.withDescription("reads too slowly"));
        }
    }

    void close(io.grpc.Status status) {
        if (!out.isCancelled()) {
            out.onError(status.asRuntimeException());
        }
    }

    private void beginSnapshot() {
        snapshot = new ArrayDeque<>(ledger.names());
        snapshotAt = ledger.last();
        snapshotServices = -1;
    }

    private void continueSnapshot(Deque<NamespacedName> rest) {
        if (snapshotServices < 0) {
            snapshotServices = 0;
            send(Update.newBuilder().setSnapshotBegin(SnapshotBegin.getDefaultInstance()), snapshotAt);
            return;
        }
        NamespacedName name = rest.poll();
        if (name == null) {
            send(
                    Update.newBuilder().setSnapshotEnd(SnapshotEnd.newBuilder().setServices(snapshotServices)),
                    snapshotAt);
            sent = snapshotAt;
            snapshot = null;
            return;
        }
        Optional<ExportedService> shape = ledger.shape(name, peer);
        if (shape.isEmpty()) {
            return; // went meanwhile: it is in the log behind snapshotAt
        }
        snapshotServices++;
        send(Update.newBuilder().setService(WireWriter.service(shape.get())), snapshotAt);
        for (EndpointSet set : ledger.sets(name)) {
            List<Endpoint> members = ledger.members(name, set);
            for (int i = 0; i < members.size(); i += Bounds.ENDPOINTS_PER_MESSAGE) {
                EndpointsChanged.Builder chunk = WireWriter.group(name, set);
                members.subList(i, Math.min(members.size(), i + Bounds.ENDPOINTS_PER_MESSAGE))
                        .forEach(e -> chunk.addUpserted(WireWriter.endpoint(e)));
                send(Update.newBuilder().setEndpoints(chunk), snapshotAt);
            }
        }
    }

    /** One message: a shape, a removal, or as many following changes of one port set as fit. */
    private boolean sendNextChange() {
        List<Member> batch = new ArrayList<>();
        long upTo = sent;
        for (Map.Entry<Long, Item> change : ledger.after(sent).entrySet()) {
            long number = change.getKey();
            Item item = change.getValue();
            if (!ledger.mayKnow(number, item, peer)) {
                upTo = number;
                continue;
            }
            switch (item) {
                case Shape shape -> {
                    if (batch.isEmpty()) {
                        sent = number;
                        sendShape(shape);
                    } else {
                        sendMembers(batch, upTo);
                    }
                    return true;
                }
                case Member member -> {
                    if (ledger.shape(member.name(), peer).isEmpty()) {
                        upTo = number; // the whole service is gone for this peer, and it was or will be told
                        continue;
                    }
                    boolean fits = batch.isEmpty()
                            || (batch.size() < Bounds.ENDPOINTS_PER_MESSAGE
                                    && batch.getFirst().name().equals(member.name())
                                    && batch.getFirst().set().equals(member.set()));
                    if (!fits) {
                        sendMembers(batch, upTo);
                        return true;
                    }
                    batch.add(member);
                    upTo = number;
                }
            }
        }
        if (batch.isEmpty()) {
            sent = upTo;
            return false;
        }
        sendMembers(batch, upTo);
        return true;
    }

    private void sendShape(Shape shape) {
        Optional<ExportedService> standing = ledger.shape(shape.name(), peer);
        send(
                standing.isPresent()
                        ? Update.newBuilder().setService(WireWriter.service(standing.get()))
                        : Update.newBuilder()
                                .setServiceRemoved(ServiceRemoved.newBuilder().setName(WireWriter.name(shape.name()))),
                sent);
    }

    private void sendMembers(List<Member> batch, long upTo) {
        EndpointsChanged.Builder changed =
                WireWriter.group(batch.getFirst().name(), batch.getFirst().set());
        for (Member member : batch) {
            ledger.member(member)
                    .ifPresentOrElse(
                            e -> changed.addUpserted(WireWriter.endpoint(e)),
                            () -> changed.addRemoved(WireWriter.address(member.address())));
        }
        sent = upTo;
        send(Update.newBuilder().setEndpoints(changed), upTo);
    }

    private void send(Update.Builder update, long sequence) {
        lastSent = System.nanoTime();
        out.onNext(update.setInstance(instance).setSequence(sequence).build());
    }
}
