package io.tombolo.gateway;

import io.tombolo.host.CommandFailedException;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** All that is ours in a kernel, but for keys, counters, times and the order of things: equal where the state is. */
final class NormalForm {
    private NormalForm() {}

    static String of(Namespace machine) throws CommandFailedException {
        String text = machine.run("ip", "nexthop", "show", "proto", "74")
                + machine.run("ip", "route", "show", "table", "all", "proto", "74")
                + machine.run("ip", "-6", "route", "show", "table", "all", "proto", "74")
                + machine.run("ip", "rule", "show")
                + machine.run("nft", "-s", "list", "ruleset")
                + machine.run("sh", "-c", "wg show all allowed-ips | cut -f 1,3");
        return text.lines()
                .flatMap(line -> Stream.of(line.split(",")))
                .map(String::strip)
                .sorted()
                .collect(Collectors.joining("\n"));
    }
}
