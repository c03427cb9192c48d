package io.tombolo.e2e;

import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

/** Where the kernels of the lab's machines may have dropped a packet: told when one is lost that should not have been. */
record Drops(Lab lab, Map<String, Map<String, Long>> byMachine) {
    /** Interfaces, sockets, IP, and our own firewall; a line each. */
    private static final String COUNTERS = """
            awk 'NR > 2 { sub(":", " "); print "rx-drop:" $1, $5; print "tx-drop:" $1, $13 }' /proc/net/dev
            awk '/^(Ip|Udp):/ { for (i = 2; i <= NF; i++)
                if (!seen[$1]) name[$1, i] = $i
                else if (name[$1, i] ~ /Err|Discard|NoRoute|NoPort/) print $1 name[$1, i], $i; seen[$1] = 1 }' /proc/net/snmp
            while read -r _ dropped _; do echo "softnet $((0x$dropped))"; done </proc/net/softnet_stat
            nft list counters | awk '/counter / { name = $2 } /packets/ { print "nft:" name, $2 }'""";

    static Drops at(Lab lab, Collection<String> machines) {
        Map<String, Map<String, Long>> all = new TreeMap<>();
        for (String machine : machines) {
            Map<String, Long> counters = new TreeMap<>();
            lab.exec(machine, "sh", "-c", COUNTERS).lines().forEach(line -> {
                String[] words = line.split(" ", 2);
                counters.merge(words[0], Long.valueOf(words[1]), Long::sum);
            });
            all.put(machine, counters);
        }
        return new Drops(lab, all);
    }

    /** What has grown since then, a line for each machine. */
    String grown() {
        StringBuilder grown = new StringBuilder();
        at(lab, byMachine.keySet()).byMachine.forEach((machine, counters) -> {
            grown.append(machine).append(':');
            counters.forEach((name, count) -> {
                long more = count - byMachine.getOrDefault(machine, Map.of()).getOrDefault(name, 0L);
                if (more > 0) {
                    grown.append(' ').append(name).append('=').append(more);
                }
            });
            grown.append('\n');
        });
        return grown.toString();
    }
}
