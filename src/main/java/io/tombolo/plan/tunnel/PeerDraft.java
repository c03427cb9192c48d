package io.tombolo.plan.tunnel;

import io.tombolo.net.Cidr;
import io.tombolo.net.ClusterId;
import io.tombolo.net.Endpoint;
import io.tombolo.net.TunnelAddress;
import io.tombolo.problem.Finding;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** One link while its peer is being planned. */
final class PeerDraft {
    private final LinkView link;
    private final Set<Finding> findings = new LinkedHashSet<>();
    private boolean absent;
    final List<Peer.Door> doors = new ArrayList<>();
    final List<Peer.Lane> lanes = new ArrayList<>();
    final List<Cidr> prefixes = new ArrayList<>();

    PeerDraft(LinkView link) {
        this.link = link;
    }

    LinkView link() {
        return link;
    }

    ClusterId name() {
        return link.name();
    }

    List<Finding> findings() {
        return List.copyOf(findings);
    }

    boolean isAbsent() {
        return absent;
    }

    /** The link cannot be: neither now nor as it was. */
    void refuse(Finding finding) {
        findings.add(finding);
        absent = true;
    }

    /** A part of the spec is wrong: a new link waits until it is mended, one that was connected goes on without the part. */
    void fault(Finding finding) {
        findings.add(finding);
        if (link.announced().isEmpty()) {
            absent = true;
        }
    }

    /** Worth telling, and it takes nothing away but what the caller leaves out. */
    void note(Finding finding) {
        findings.add(finding);
    }

    /** Where we dial this peer: its pinned doors' endpoints that passed, and those of slots that only it announced. */
    List<Endpoint> endpoints() {
        List<Endpoint> endpoints = new ArrayList<>();
        doors.forEach(door -> door.endpoint().ifPresent(endpoints::add));
        lanes.forEach(lane -> lane.endpoint().ifPresent(endpoints::add));
        return endpoints.stream().distinct().toList();
    }

    Peer peer() {
        return new Peer(
                link.name(),
                TunnelAddress.of(link.identities().getFirst()),
                link.access(),
                doors,
                link.lacksPresharedKey() ? List.of() : lanes,
                prefixes);
    }

    @Override
    public String toString() {
        return "link " + link.name();
    }
}
