package io.tombolo;

import io.quarkus.runtime.annotations.QuarkusMain;
import io.tombolo.cli.TomboloCommand;
import io.tombolo.dns.DnsRole;
import io.tombolo.gateway.GatewayRole;
import io.tombolo.node.NodeRole;
import io.tombolo.observe.Logging;
import io.tombolo.operator.OperatorRole;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The one entry point: the first argument picks a role, the rest is the role's. */
@QuarkusMain
public final class Main {
    private static final int USAGE = 2;

    private Main() {}

    public static void main(String[] args) {
        System.exit(run(List.of(args)));
    }

    static int run(List<String> args) {
        Optional<Role> role = args.isEmpty() ? Optional.empty() : Role.named(args.getFirst());
        if (role.isEmpty()) {
            System.err.println("tombolo: the first argument is the role: "
                    + Arrays.stream(Role.values()).map(Role::toString).collect(Collectors.joining(", ")));
            return USAGE;
        }
        List<String> rest = args.subList(1, args.size());
        if (role.get() != Role.OPERATOR && role.get() != Role.CLI) {
            Logging.toStandardError();
        }
        return switch (role.get()) {
            case GATEWAY -> GatewayRole.run(rest);
            case DNS -> DnsRole.run(rest);
            case CLI -> TomboloCommand.run(rest);
            case OPERATOR -> OperatorRole.run(rest);
            case NODE -> NodeRole.run(rest);
        };
    }
}
