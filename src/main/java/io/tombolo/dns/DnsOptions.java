package io.tombolo.dns;

import io.tombolo.dns.zone.Zone;
import java.nio.file.Path;
import java.util.List;

/**
 * What the command line says.
 *
 * @param port UDP and TCP; above 1024, so that no capability is needed
 * @param healthPort {@code /healthz}, {@code /readyz}, {@code /metrics}
 * @param stateDirectory outlives the process, not the pod
 * @param ttl seconds, 0-30, of every record
 * @param drainSeconds how long a stopping server goes on answering, so that nobody still asks it when it is gone
 */
record DnsOptions(int port, int healthPort, Path stateDirectory, int ttl, int drainSeconds) {
    static final String USAGE = """
            dns [--port=5353] [--health-port=8080] [--state-directory=/run/tombolo] [--ttl=5] [--drain-seconds=3]""";

    /** @throws IllegalArgumentException where an option is unknown or out of range; the message says which */
    static DnsOptions parse(List<String> args) {
        int port = 5353;
        int healthPort = 8080;
        Path stateDirectory = Path.of("/run/tombolo");
        int ttl = 5;
        int drainSeconds = 3;
        for (String arg : args) {
            String value = arg.substring(arg.indexOf('=') + 1);
            switch (arg.contains("=") ? arg.substring(0, arg.indexOf('=')) : arg) {
                case "--port" -> port = number(arg, value, 65535);
                case "--health-port" -> healthPort = number(arg, value, 65535);
                case "--state-directory" -> stateDirectory = Path.of(value);
                case "--ttl" -> ttl = number(arg, value, Zone.MAX_TTL);
                case "--drain-seconds" -> drainSeconds = number(arg, value, 60);
                default -> throw new IllegalArgumentException("unknown option " + arg + "\nusage: " + USAGE);
            }
        }
        return new DnsOptions(port, healthPort, stateDirectory, ttl, drainSeconds);
    }

    private static int number(String arg, String value, int max) {
        if (!value.matches("[0-9]{1,5}") || Integer.parseInt(value) > max) {
            throw new IllegalArgumentException(arg + ": not a number of 0-" + max + "\nusage: " + USAGE);
        }
        return Integer.parseInt(value);
    }
}
