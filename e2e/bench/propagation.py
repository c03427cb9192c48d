"""How soon and at what cost a change of endpoints in east is seen in west, at a steady rate. The clusters, gateways and API servers
are real; what writes east's EndpointSlices is this program instead of kube's controller, which keeps to 20 requests a second
and stands still meanwhile, as every kube-proxy does."""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Iterator
from typing import Any

from lab import certificates
from lab.progress import LabError, await_fact

from .apiclient import Api, Watch
from .changes import Changes, Sights, endpoints, paced, percentile
from .clusters import EAST, WEST, CommandFailed, gateway_node, get, kubectl, on

NAMESPACE = "tombolo-bench-changes"
SLICES = f"/apis/discovery.k8s.io/v1/namespaces/{NAMESPACE}/endpointslices"
SMALL, LARGE = 10, 250  # endpoints; more have no room in the pod range of one node
WRITERS = 8
LANE = "tb0"
OUTER_BYTES = 60  # what WireGuard, UDP and IPv4 add to a packet, without the padding
RADIATED = 50  # changes of which the bytes are counted


def run(services: int, rate: float, seconds: float) -> None:
    sys.setswitchinterval(0.0005)  # the watches of this process are part of what is measured
    east, west = Api.of(certificates.MERGED, EAST), Api.of(certificates.MERGED, WEST)
    first = pod_address()
    try:
        with exported(east, west, services, first) as uids:
            with seen(east, "kubernetes.io/service-name") as here, seen(west, "multicluster.kubernetes.io/service-name") as there:
                await_fact(f"west has {services + 1} services", 120, lambda: there.services() >= services + 1)

                def load(begin: int, count: int) -> tuple[Changes, float]:
                    changes = Changes()

                    def change(api: Api, i: int) -> None:
                        version, which = divmod(begin + i, services)
                        name = f"small-{which}"
                        changes.made(f"{NAMESPACE}/{name}", version, time.monotonic())
                        api.replace(f"{SLICES}/{name}", slice_of(name, uids[name], endpoints(first, SMALL, version)))

                    reached = paced(east, rate, count, WRITERS, change)
                    newest = changes.newest()
                    await_fact("every last change is seen", 60, lambda: all(there.newest(s) >= v for s, v in newest.items()))
                    return changes, reached

                load(services, services)  # warm
                changes, reached = load(2 * services, int(rate * seconds))
                print_delays(changes, here, there, reached, services)
                print_bytes({"small-0": SMALL, "large": LARGE}, east, uids, first, there)
    except LabError as e:
        raise CommandFailed(str(e)) from e


def print_delays(changes: Changes, here: Sights, there: Sights, reached: float, services: int) -> None:
    own, ours = changes.delays(here), changes.delays(there)
    print(f"\n{len(own)} changes of one endpoint, {reached:.0f} a second, over {services} services of {SMALL} endpoints; from the request to"
          " east's API server until a watch sees the slice")
    print(f"{'':36} {'p50 ms':>8} {'p99 ms':>8} {'max ms':>8}")
    for what, delays in ((f"{EAST}, its own slice (baseline)", own), (f"{WEST}, the imported slice", ours)):
        print(f"{what:36} {percentile(delays, .5):8.1f} {percentile(delays, .99):8.1f} {max(delays):8.1f}")
    print(f"{'ratio':36} {percentile(ours, .5) / percentile(own, .5):8.1f} {percentile(ours, .99) / percentile(own, .99):8.1f}")
    print(f"targets at 100 changes a second: p50 50 ms, p99 250 ms. Every change was seen; an older one followed a newer one {there.backwards()} times"
          f" (in {EAST} {here.backwards()})")


def print_bytes(sizes: dict[str, int], east: Api, uids: dict[str, str], first: str, there: Sights) -> None:
    gateway = gateway_node(EAST)
    print(f"\nbytes on the wire, both ways, for one change of one endpoint ({RADIATED} changes, one at a time; what {LANE} carries at rest is"
          " taken off)")
    for name, count in sizes.items():
        begin = time.monotonic()
        before = carried(gateway)
        for version in range(10_000, 10_000 + RADIATED):
            east.replace(f"{SLICES}/{name}", slice_of(name, uids[name], endpoints(first, count, version)))
            await_fact("the change is seen", 30, lambda v=version: there.newest(f"{NAMESPACE}/{name}") >= v, interval=0.005)
        busy, took = carried(gateway) - before, time.monotonic() - begin
        before = carried(gateway)
        time.sleep(took)
        each = (busy - (carried(gateway) - before)) / RADIATED
        print(f"  of a service of {count:3} endpoints: {each:6.0f} (target: below 1,024)")


def carried(gateway: str) -> int:
    """Bytes to and from the lane so far, as the WAN sees them."""
    statistics = json.loads(on(gateway, "ip", "-s", "-j", "link", "show", LANE))[0]["stats64"]
    return sum(statistics[d]["bytes"] + OUTER_BYTES * statistics[d]["packets"] for d in ("rx", "tx"))


@contextlib.contextmanager
def seen(api: Api, label: str) -> Iterator[Sights]:
    sights = Sights(label)
    watch = Watch(api, SLICES, sights, labelSelector=label)
    try:
        yield sights
    finally:
        try:
            watch.check()  # says more than whoever waited in vain for what it was to show
        finally:
            watch.close()


@contextlib.contextmanager
def exported(east: Api, west: Api, services: int, first: str) -> Iterator[dict[str, str]]:
    """Services `small-N` and `large` in east, exported; gives their UIDs."""
    sizes = {f"small-{i}": SMALL for i in range(services)} | {"large": LARGE}
    uids = {}
    try:
        signal_bystanders("STOP")
        for api in (east, west):
            api.create("/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
        for name, count in sizes.items():
            ports = [{"name": "http", "port": 80, "protocol": "TCP"}]
            made = east.create(f"/api/v1/namespaces/{NAMESPACE}/services", {
                "apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": {"ports": ports, "selector": {"app": name}}})
            uids[name] = made["metadata"]["uid"]
            east.create(SLICES, slice_of(name, uids[name], endpoints(first, count, 0)))
            east.create(f"/apis/multicluster.x-k8s.io/v1beta1/namespaces/{NAMESPACE}/serviceexports", {
                "apiVersion": "multicluster.x-k8s.io/v1beta1", "kind": "ServiceExport", "metadata": {"name": name}})
        yield uids
    finally:
        for cluster in (EAST, WEST):
            kubectl(cluster, "delete", "namespace", NAMESPACE, "--ignore-not-found", "--wait=false")
        signal_bystanders("CONT")


def signal_bystanders(name: str) -> None:
    """East's controllers would undo what is written; and four kube-proxies, which start nft once a second each for what they see,
    would have half of two cores."""
    machines = [(f"{EAST}-cp", "kube-controller-manager")]
    machines += [(n["metadata"]["name"], "kube-proxy") for cluster in (EAST, WEST) for n in get(cluster, "nodes")["items"]]
    for machine, process in machines:
        on(machine, "sh", "-c", f"kill -{name} $(pidof {process})")


def slice_of(name: str, service: str, members: list[dict[str, Any]]) -> dict[str, Any]:
    """As kube's controller makes it: one that anybody else made is not exported."""
    return {
        "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4", "endpoints": members,
        "metadata": {"name": name, "labels": {
            "kubernetes.io/service-name": name, "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io"},
            "ownerReferences": [{"apiVersion": "v1", "kind": "Service", "name": name, "uid": service, "controller": True}]},
        "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}],
    }


def pod_address() -> str:
    """The first of a node's pod range: those below have pods, but nothing is ever sent to any of them."""
    ranges = sorted(n["spec"]["podCIDR"] for n in get(EAST, "nodes")["items"])
    return ranges[0].split("/")[0].rpartition(".")[0] + ".2"
