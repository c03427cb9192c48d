package io.tombolo.exchange;

import io.tombolo.exchange.wire.Update;
import io.tombolo.net.ClusterId;
import io.tombolo.net.NamespacedName;
import io.tombolo.plan.service.ExportedService;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one peer exports, as heard so far, and the rules of its stream. Written by the exchange's thread; read by any. A
 * snapshot takes the place of what was held only when it is whole.
 */
final class HeldExports implements PeerExports {
    /** Twice as many as a peer has gateways at most. */
    private static final int FORMER_INSTANCES = 16;

    private final ClusterId cluster;
    private final Bounds bounds;
    private ExportTable table;
    private @Nullable ExportTable incoming;
    /** What ended the stream. */
    private @Nullable Finding fault;
    /** Why the peer's own request for a stream was refused. */
    private @Nullable Finding refusal;
    /** Instances whose place others took, with how far they were: one that comes back comes back later than it was. */
    private final Map<String, Long> former = new LinkedHashMap<>();

    private boolean asksForSnapshot;
    private boolean complete;
    private long movesBefore;
    private boolean stale = true;
    /** By its own word. */
    private boolean behind;

    private String version = "";

    HeldExports(ClusterId cluster, Bounds bounds) {
        this.cluster = cluster;
        this.bounds = bounds;
        this.table = new ExportTable("", 0, bounds);
    }

    @Override
    public ClusterId cluster() {
        return cluster;
    }

    @Override
    public synchronized boolean complete() {
        return complete;
    }

    @Override
    public synchronized boolean stale() {
        return stale || behind;
    }

    @Override
    public synchronized String version() {
        return version;
    }

    @Override
    public synchronized Set<NamespacedName> names() {
        return table.names();
    }

    @Override
    public synchronized Optional<ExportedService> service(NamespacedName name) {
        return table.service(name);
    }

    @Override
    public synchronized List<Finding> findings() {
        List<Finding> findings = new ArrayList<>(table.findings());
        if (fault != null) {
            findings.add(fault);
        }
        if (refusal != null) {
            findings.add(refusal);
        }
        return findings;
    }

    @Override
    public synchronized long moves() {
        return movesBefore + table.moves();
    }

    /** Where to resume; the empty instance asks for a snapshot. */
    synchronized String instance() {
        return asksForSnapshot ? "" : table.instance;
    }

    /** Another number where what is left out may be other. */
    synchronized int complaintsRevision() {
        return table.complaintsRevision();
    }

    /** Whether something had no room: a snapshot would tell whether it has some now. */
    synchronized boolean lacks() {
        return complete && table.lacks();
    }

    /** The next stream begins with a snapshot. */
    synchronized void askForSnapshot() {
        asksForSnapshot = true;
    }

    synchronized long sequence() {
        return table.sequence;
    }

    synchronized boolean inSnapshot() {
        return incoming != null;
    }

    synchronized void connected(String softwareVersion) {
        stale = false;
        behind = false;
        version = softwareVersion;
        incoming = null;
        refusal = null;
        if (fault != null && fault.problem() == Problem.STALE) {
            fault = null;
        }
    }

    /**
     * The stream has lasted: what ended the one before is over. Not sooner, or a peer that errs again at once would
     * seem to be sound in between.
     *
     * @return whether that is news
     */
    synchronized boolean lasts() {
        boolean news = fault != null;
        fault = null;
        return news;
    }

    /**
     * What is held stays, marked.
     *
     * @return whether that is news
     */
    synchronized boolean lost(Finding why) {
        boolean news = !stale || !why.equals(fault);
        stale = true;
        incoming = null;
        fault = why;
        return news;
    }

    /**
     * The peer says whether it sees its own API server. What is held stays.
     *
     * @return whether that is news
     */
    synchronized boolean behind(boolean now) {
        boolean news = behind != now;
        behind = now;
        return news;
    }

    /**
     * The peer asked us for a stream and was refused; what it sends us is another matter.
     *
     * @return whether that is news
     */
    synchronized boolean refusedRequest(Finding why) {
        boolean news = !why.equals(refusal);
        refusal = why;
        return news;
    }

    /**
     * Takes one change.
     *
     * @return services whose readers may see a difference
     */
    synchronized Set<NamespacedName> take(Update update) throws BrokenStreamException {
        if (update.getContentCase() == Update.ContentCase.SNAPSHOT_BEGIN) {
            begin(update);
            return Set.of();
        }
        if (incoming != null) {
            return within(incoming, update);
        }
        if (!update.getInstance().equals(table.instance)) {
            throw rejected("a new instance does not begin with a snapshot");
        }
        if (Long.compareUnsigned(update.getSequence(), table.sequence) <= 0) {
            throw rejected("sequence " + Long.toUnsignedString(update.getSequence()) + " after "
                    + Long.toUnsignedString(table.sequence));
        }
        Set<NamespacedName> changed = apply(table, update);
        table.sequence = update.getSequence();
        return changed;
    }

    private void begin(Update update) throws BrokenStreamException {
        if (incoming != null) {
            throw rejected("a snapshot begins within a snapshot");
        }
        if (update.getInstance().isEmpty() || update.getInstance().length() > 64) {
            throw rejected("the instance is empty or longer than 64 characters");
        }
        if (update.getInstance().equals(table.instance)
                && Long.compareUnsigned(update.getSequence(), table.sequence) < 0) {
            throw rejected("a snapshot of sequence " + Long.toUnsignedString(update.getSequence()) + " after "
                    + Long.toUnsignedString(table.sequence));
        }
        Long before = former.get(update.getInstance());
        if (before != null && Long.compareUnsigned(update.getSequence(), before) < 0) {
            throw rejected("a snapshot of sequence " + Long.toUnsignedString(update.getSequence())
                    + " of a former instance, which was at " + Long.toUnsignedString(before));
        }
        incoming = new ExportTable(update.getInstance(), update.getSequence(), bounds);
    }

    private Set<NamespacedName> within(ExportTable whole, Update update) throws BrokenStreamException {
        if (!update.getInstance().equals(whole.instance) || update.getSequence() != whole.sequence) {
            throw rejected("instance or sequence changes within a snapshot");
        }
        if (!update.hasSnapshotEnd()) {
            apply(whole, update);
            return Set.of();
        }
        int promised = update.getSnapshotEnd().getServices();
        if (promised != whole.shapesSeen()) {
            throw rejected(
                    "a snapshot of " + Integer.toUnsignedString(promised) + " services brought " + whole.shapesSeen());
        }
        Set<NamespacedName> changed = ExportTable.difference(table, whole);
        movesBefore += table.moves() + 1;
        if (!table.instance.equals(whole.instance)) {
            former.remove(whole.instance);
            former.put(table.instance, table.sequence);
            if (former.size() > FORMER_INSTANCES) {
                former.remove(former.keySet().iterator().next());
            }
        }
        table = whole;
        incoming = null;
        asksForSnapshot = false;
        complete = true;
        return changed;
    }

    private static Set<NamespacedName> apply(ExportTable to, Update update) throws BrokenStreamException {
        return switch (update.getContentCase()) {
            case SERVICE -> to.upsert(update.getService());
            case SERVICE_REMOVED -> to.remove(update.getServiceRemoved().getName());
            case ENDPOINTS -> to.change(update.getEndpoints());
            case SNAPSHOT_BEGIN, SNAPSHOT_END, HELLO, ANNOUNCEMENT, KEEP_ALIVE, CONTENT_NOT_SET ->
                throw rejected("an update without a change");
        };
    }

    private static BrokenStreamException rejected(String why) {
        return new BrokenStreamException(Problem.SNAPSHOT_REJECTED, "", why);
    }
}
