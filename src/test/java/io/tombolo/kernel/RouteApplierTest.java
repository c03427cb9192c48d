package io.tombolo.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tombolo.host.CommandFailedException;
import io.tombolo.host.CommandRunner;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RouteApplierTest {
    /** Routes of both families stand; the first IPv4 one is gone when it is to be deleted. */
    private static final class Kernel implements CommandRunner {
        final List<String> batches = new ArrayList<>();

        @Override
        public String run(List<String> argv, String stdin) throws CommandFailedException {
            boolean ipv6 = argv.contains("-6");
            if (!argv.contains("-force")) {
                return ipv6
                        ? "unreachable fd00:10:42:1::/64 dev lo table 7411 proto 74 metric 9999\n"
                        : "unreachable 10.42.1.0/24 table 7411 proto 74 metric 9999\n";
            }
            batches.add(stdin.strip());
            if (!ipv6) {
                throw new CommandFailedException(argv, 1, "RTNETLINK answers: No such process");
            }
            return "";
        }
    }

    @Test
    void whatFailsInOneFamilyKeepsNothingOfTheOther() {
        Kernel kernel = new Kernel();
        RouteApplier routes = new RouteApplier(kernel, _ -> true, new Drift());
        assertThrows(CommandFailedException.class, () -> routes.apply(List::of, List.of(), true));
        assertEquals(
                List.of(
                        "route del unreachable 10.42.1.0/24 table 7411 metric 9999 proto 74",
                        "route del unreachable fd00:10:42:1::/64 table 7411 metric 9999 proto 74"),
                kernel.batches);
    }
}
