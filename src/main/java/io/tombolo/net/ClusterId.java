package io.tombolo.net;

import java.util.Set;
import java.util.regex.Pattern;

/**
 * The name of a cluster: one DNS label (RFC 1123), 1-63 characters, none of the words the clusterset zone reserves,
 * nothing encoded (RFC 5890) that reads otherwise than it is written.
 */
public record ClusterId(String value) implements Comparable<ClusterId> {
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
    private static final String ENCODED = "xn--";
    private static final Set<String> RESERVED = Set.of("svc", "pod", "clusterset", "local");

    /** @throws IllegalArgumentException where {@code value} is not such a name */
    public ClusterId {
        if (!LABEL.matcher(value).matches() || RESERVED.contains(value) || value.startsWith(ENCODED)) {
            throw new IllegalArgumentException("not a cluster ID: " + value);
        }
    }

    @Override
    public int compareTo(ClusterId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
