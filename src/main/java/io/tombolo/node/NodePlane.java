package io.tombolo.node;

import io.tombolo.host.CommandFailedException;
import io.tombolo.host.CommandRunner;
import io.tombolo.host.StateDirectory;
import io.tombolo.kernel.Drift;
import io.tombolo.kernel.DriftWatch;
import io.tombolo.kernel.Interface;
import io.tombolo.kernel.NftApplier;
import io.tombolo.kernel.Ours;
import io.tombolo.kernel.RouteApplier;
import io.tombolo.plan.firewall.NodeFirewall;
import io.tombolo.plan.route.NodeRoutes;
import io.tombolo.plan.route.NodeView;
import io.tombolo.plan.route.PathState;
import io.tombolo.plan.route.RouteNumbers;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The kernel of this node, brought in line with what was handed over: may be called at any time, from any state, and does
 * nothing where nothing differs. Filter and fence first, then the device, then routes.
 */
final class NodePlane {
    private static final Ours OURS = new Ours(
            RouteNumbers.VXLAN_DEVICE::equals,
            Set.of(RouteNumbers.NODE_TABLE),
            Set.of(RouteNumbers.NODE_RULE, RouteNumbers.FENCE_RULE),
            id -> id >= RouteNumbers.NODE_NEXTHOP_BASE && id < RouteNumbers.NEXTHOP_BASE,
            NodeFirewall.TABLE);

    private final String node;
    private final CommandRunner runner;
    private final Drift drift = new Drift();
    private final NftApplier nft;
    private final VxlanDevice vxlan;
    private final RouteApplier routes;

    NodePlane(String node, CommandRunner runner, StateDirectory state) {
        this.node = node;
        this.runner = runner;
        this.nft = new NftApplier(runner, state, "node-table", drift);
        this.vxlan = new VxlanDevice(runner, drift);
        this.routes = new RouteApplier(runner, NodeRoutes::owns, drift);
    }

    /**
     * What a pass did.
     *
     * @param ready whether the kernel is now as planned
     * @param changes for the log
     */
    record Outcome(boolean ready, List<String> changes, List<Finding> findings) {
        Outcome {
            changes = List.copyOf(changes);
            findings = List.copyOf(findings);
        }
    }

    /** Listens to the kernel in the namespace of the thread that calls, and tells when others touch what is ours. */
    DriftWatch watch(Runnable touched) {
        return new DriftWatch(runner, OURS::concerns, touched);
    }

    /** The network as this node sees it. */
    NodeView view(Handed handed) {
        return handed.view(node);
    }

    /** This node's own address on the underlay; empty while the operator has not listed it. */
    Optional<InetAddress> address(Handed handed) {
        return handed.address(node);
    }

    /**
     * @param seen what is seen of each gateway, asked when routes are planned
     * @param settled false while that is less than an agent before us may have known: its routes are completed then, and none
     *     is changed
     */
    synchronized Outcome apply(Handed handed, Supplier<Map<Integer, PathState>> seen, boolean settled) {
        NodeView view = handed.view(node);
        List<String> changes = new ArrayList<>();
        List<Finding> findings = new ArrayList<>();
        boolean ready = false;
        try {
            changes.addAll(nft.apply(NodeFirewall.plan(view, handed.sockets())));
            Optional<InetAddress> address = handed.address(node);
            if (address.isPresent()) {
                InetAddress own = view.hostSource(false).orElse(address.get());
                vxlan.apply(address.get(), own, changes).ifPresent(findings::add);
            } else {
                findings.add(Finding.of(
                        Problem.HOST_CONFIG,
                        "the operator does not list node " + node + " yet: its pods cannot cross"));
            }
            List<String> up = Interface.observe(runner).values().stream()
                    .filter(Interface::up)
                    .map(Interface::name)
                    .toList();
            RouteApplier.Outcome routed = routes.apply(() -> NodeRoutes.plan(view, seen.get()), up, settled);
            changes.addAll(routed.changes());
            ready = routed.ready() && findings.isEmpty();
        } catch (CommandFailedException e) {
            findings.add(Finding.of(Problem.HOST_CONFIG, String.valueOf(e.getMessage())));
        }
        drift.finding().ifPresent(findings::add);
        return new Outcome(ready, changes, findings);
    }

    /**
     * Moves what a silent gateway carried, and nothing else. Never waits for a pass, but for what that does to routes.
     *
     * @return what was changed, for the log
     */
    List<String> steer(Handed handed, Supplier<Map<Integer, PathState>> seen) throws CommandFailedException {
        NodeView view = handed.view(node);
        return routes.move(() -> NodeRoutes.nexthops(view, seen.get()));
    }

    /**
     * Takes everything that is ours out of the kernel.
     *
     * @return what could not be removed; the rest is gone all the same
     */
    synchronized List<String> remove() {
        List<String> failures = new ArrayList<>();
        attempt(failures, () -> routes.apply(List::of, List.of(), true));
        attempt(failures, vxlan::remove);
        // last: until the routes are gone the fence holds
        attempt(failures, () -> nft.remove(NodeFirewall.TABLE));
        return failures;
    }

    private interface Step {
        void run() throws CommandFailedException;
    }

    private static void attempt(List<String> failures, Step step) {
        try {
            step.run();
        } catch (CommandFailedException e) {
            failures.add(String.valueOf(e.getMessage()));
        }
    }
}
