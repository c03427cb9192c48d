package io.tombolo.operator.clusterlink;

import io.fabric8.kubernetes.api.model.Secret;
import io.tombolo.api.v1alpha1.ClusterLink;
import io.tombolo.net.PresharedKey;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Function;

/** The pre-shared key that a link refers to. */
public final class PresharedKeyReader {
    private static final String KEY = "psk";
    private static final String FIELD = "spec.presharedKey.secretRef.name";
    private static final byte[] ZERO = new byte[32];

    private PresharedKeyReader() {}

    /** What the link's reference leads to. */
    public sealed interface Result {
        /** The link has none. */
        record None() implements Result {}

        record Found(PresharedKey key) implements Result {}

        record Broken(Finding finding) implements Result {}
    }

    /** @param secrets of our namespace, by name */
    public static Result read(ClusterLink link, Function<String, Optional<Secret>> secrets) {
        if (link.getSpec().presharedKey() == null) {
            return new Result.None();
        }
        String name = link.getSpec().presharedKey().secretRef().name();
        Optional<Secret> secret = secrets.apply(name);
        if (secret.isEmpty()) {
            return broken(Problem.SECRET_NOT_FOUND, FIELD + ": Secret " + name + " does not exist");
        }
        String encoded =
                secret.get().getData() == null ? null : secret.get().getData().get(KEY);
        if (encoded == null || encoded.isEmpty()) {
            return broken(Problem.SECRET_MALFORMED, FIELD + ": Secret " + name + " has no value under the key " + KEY);
        }
        try {
            // the newline that `wg genpsk >file` leaves is trimmed, and nothing else
            String text = new String(Base64.getDecoder().decode(encoded), StandardCharsets.ISO_8859_1)
                    .replaceFirst("\n$", "");
            if (java.util.Arrays.equals(Base64.getDecoder().decode(text), ZERO)) {
                return broken(Problem.PSK_INVALID, FIELD + ": the key in Secret " + name + " is all zero");
            }
            return new Result.Found(PresharedKey.parse(text));
        } catch (IllegalArgumentException e) {
            // never the value: whatever it is, somebody took it for a key
            return broken(
                    Problem.PSK_INVALID,
                    FIELD + ": what Secret " + name + " holds is not 32 bytes of canonical base64");
        }
    }

    private static Result broken(Problem problem, String message) {
        return new Result.Broken(Finding.of(problem, FIELD, message));
    }
}
