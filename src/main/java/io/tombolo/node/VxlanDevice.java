package io.tombolo.node;

import io.tombolo.host.CommandFailedException;
import io.tombolo.host.CommandRunner;
import io.tombolo.host.RpFilter;
import io.tombolo.kernel.Drift;
import io.tombolo.kernel.Interface;
import io.tombolo.net.Addresses;
import io.tombolo.net.Cidr;
import io.tombolo.plan.route.RouteNumbers;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The VXLAN device between this cluster's nodes: one in external mode, the other end named by each route, without FDB and
 * MAC addresses (`gpe`). It carries an IPv4 address because reverse-path filtering drops what comes in by a device without
 * one, even when loose.
 */
final class VxlanDevice {
    /** What VXLAN-GPE adds to a packet: IPv4 20 or IPv6 40, UDP 8, VXLAN 8. */
    private static final int OVERHEAD_4 = 36;

    private static final int OVERHEAD_6 = 56;
    /** Interfaces of ours, which may carry the same address. */
    private static final String OURS = "tbvx|tbdoor|tb[0-7]";

    private static final String NAME = RouteNumbers.VXLAN_DEVICE;

    private final CommandRunner runner;
    private final Drift drift;
    /** The address that the device was left with; empty: it was not made yet. */
    private Optional<InetAddress> left = Optional.empty();

    VxlanDevice(CommandRunner runner, Drift drift) {
        this.runner = runner;
        this.drift = drift;
    }

    /**
     * @param node this node's address on the underlay
     * @param own what the device carries
     * @return what keeps it from being as wanted; empty: nothing
     */
    Optional<Finding> apply(InetAddress node, InetAddress own, List<String> changes) throws CommandFailedException {
        Map<String, Interface> interfaces = Interface.observe(runner);
        Optional<Interface> underlay = interfaces.values().stream()
                .filter(i -> !i.name().matches(OURS) && i.addresses().contains(Cidr.host(node)))
                .findFirst();
        if (underlay.isEmpty()) {
            return Optional.of(Finding.of(
                    Problem.HOST_CONFIG,
                    "no interface of this node carries " + Addresses.text(node)
                            + ", its InternalIP: let the kubelet use an address of the node (--node-ip)"));
        }
        int mtu = underlay.get().mtu() - (node.getAddress().length == 4 ? OVERHEAD_4 : OVERHEAD_6);
        Interface there = interfaces.get(NAME);
        count(own, there);
        if (there != null) {
            String details = runner.run("ip", "-o", "-d", "link", "show", "dev", NAME);
            if (!details.contains(" vxlan ")) {
                return Optional.of(Finding.of(
                        Problem.INTERFACE_CONFLICT, "an interface " + NAME + " exists and is no VXLAN: remove it"));
            }
            if (!isOurs(details)) {
                change(changes, "link", "del", NAME);
                there = null;
            }
        }
        if (there == null) {
            List<String> add = new ArrayList<>(List.of("link", "add", NAME, "mtu", Integer.toString(mtu)));
            add.addAll(List.of("type", "vxlan", "external", "gpe"));
            add.addAll(List.of("dstport", Integer.toString(RouteNumbers.VXLAN_PORT)));
            change(changes, add.toArray(String[]::new));
            change(changes, "link", "set", NAME, "addrgenmode", "none");
        } else if (there.mtu() != mtu) {
            change(changes, "link", "set", NAME, "mtu", Integer.toString(mtu));
        }
        addresses(there == null ? List.of() : there.addresses(), Cidr.host(own), changes);
        loosen(changes);
        if (there == null || !there.up()) {
            change(changes, "link", "set", NAME, "up");
        }
        left = Optional.of(own);
        return Optional.empty();
    }

    private void count(InetAddress own, @Nullable Interface now) {
        boolean intact = now != null && now.up() && now.addresses().contains(Cidr.host(own));
        if (!intact && left.filter(own::equals).isPresent()) {
            drift.found(Drift.Kind.INTERFACE, List.of(NAME));
        }
        left = Optional.empty();
    }

    /** Deletes the device; what is no VXLAN is not ours. */
    void remove() throws CommandFailedException {
        left = Optional.empty();
        if (Interface.observe(runner).containsKey(NAME)
                && runner.run("ip", "-o", "-d", "link", "show", "dev", NAME).contains(" vxlan ")) {
            runner.run("ip", "link", "del", NAME);
        }
    }

    private static boolean isOurs(String details) {
        return details.contains(" external ")
                && details.contains(" gpe ")
                && details.contains(" dstport " + RouteNumbers.VXLAN_PORT + " ");
    }

    private void addresses(List<Cidr> there, Cidr wanted, List<String> changes) throws CommandFailedException {
        if (!there.contains(wanted)) {
            change(changes, "addr", "add", wanted.toString(), "dev", NAME);
        }
        for (Cidr address : there) {
            if (!address.equals(wanted)) {
                change(changes, "addr", "del", address.toString(), "dev", NAME);
            }
        }
    }

    private void loosen(List<String> changes) throws CommandFailedException {
        try {
            if (RpFilter.read(NAME).orElse(RpFilter.LOOSE) != RpFilter.LOOSE) {
                RpFilter.write(NAME, RpFilter.LOOSE);
                changes.add("rp_filter of " + NAME + " loose");
            }
        } catch (IOException e) {
            throw new CommandFailedException(List.of("rp_filter", NAME), 1, String.valueOf(e.getMessage()));
        }
    }

    private void change(List<String> changes, String... words) throws CommandFailedException {
        List<String> argv = new ArrayList<>(List.of("ip"));
        argv.addAll(List.of(words));
        runner.run(argv, "");
        changes.add(String.join(" ", argv));
    }
}
