package io.tombolo.dns.server;

import io.tombolo.dns.zone.Zone;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is in force now. Whoever answers reads each value once per query, so a change is seen whole or not at all. */
public final class ServedZone {
    private volatile @Nullable Zone zone;
    private volatile SourceRanges sources = new SourceRanges(List.of());

    /** The zone; null before the first sync, when nothing can be said about any name. */
    public @Nullable Zone zone() {
        return zone;
    }

    public void serve(Zone next) {
        zone = next;
    }

    public SourceRanges sources() {
        return sources;
    }

    public void answerOnly(SourceRanges next) {
        sources = next;
    }
}
