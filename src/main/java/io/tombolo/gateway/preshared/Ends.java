package io.tombolo.gateway.preshared;

import io.tombolo.net.Addresses;
import java.net.InetAddress;
import java.util.Arrays;

/**
 * The two ends of a lane, by their tunnel addresses, which follow from cluster identity and slot. Who comes first calls,
 * and the other answers: no two offers ever cross.
 */
public record Ends(InetAddress ours, InetAddress theirs) {
    boolean weCall() {
        return Arrays.compareUnsigned(ours.getAddress(), theirs.getAddress()) < 0;
    }

    InetAddress caller() {
        return weCall() ? ours : theirs;
    }

    InetAddress answerer() {
        return weCall() ? theirs : ours;
    }

    @Override
    public String toString() {
        return Addresses.text(ours) + " - " + Addresses.text(theirs);
    }
}
