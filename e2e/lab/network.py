"""Network namespaces and links: every machine hangs on its cluster's bridge, and all bridges on one WAN router.

The router stands for the internet: it routes node addresses only, and counts and drops whatever carries a pod or service
address, so that a packet that should have been in a tunnel shows. A link leads from the namespace that started the lab to
the router, so that a test there reaches every API server.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from . import kernel
from .progress import at_once, run
from .state import LABEL
from .topology import MANAGEMENT_LINK, UNDERLAYS, WAN, Address, Cluster, Topology, collapsed

T = TypeVar("T")

NAMESPACES = Path("/run/netns")  # where ip-netns(8) looks
# what the router counts and drops: a pod's address is a packet that should have been in a tunnel; a service's comes also
# from a node whose kube-proxy does not know the service yet
COUNTERS = {"pods": "plaintext_pod_packets", "services": "plaintext_service_packets"}
# by the version of IP
_PROTOCOL = {4: "ip", 6: "ip6"}
_MANAGEMENT_PREFIX = {4: 30, 6: 126}
FORWARDING = {"net/ipv4/ip_forward": 1, "net/ipv6/conf/all/forwarding": 1}
WITH_IPV6 = {"net/ipv6/conf/all/disable_ipv6": 0, "net/ipv6/conf/default/disable_ipv6": 0}


def up(topology: Topology) -> None:
    """Makes the router, then the links of every machine."""
    _batch([
        f"netns add {WAN}",
        f"link add {MANAGEMENT_LINK} type veth peer name mgmt netns {WAN}",
        *(_address(_management(version, 1), _MANAGEMENT_PREFIX[version], MANAGEMENT_LINK) for version in topology.versions),
        f"link set {MANAGEMENT_LINK} up",
        *(f"route add {r.underlay} via {_management(r.version, 2)}" for c in topology.clusters for r in c.ranges),
    ])  # fmt: skip
    # bridged frames are no business of the chain below: the nodes of one cluster may send each other what they like
    unbridged = {"net/bridge/bridge-nf-call-iptables": 0, "net/bridge/bridge-nf-call-ip6tables": 0}
    inside(WAN, lambda: write_settings(WITH_IPV6 | FORWARDING | unbridged | {"net/ipv4/conf/all/rp_filter": 0}))
    lines = [
        f"link set lo alias {LABEL} up",
        *(_address(_management(version, 2), _MANAGEMENT_PREFIX[version], "mgmt") for version in topology.versions),
        "link set mgmt up",
    ]
    for cluster in topology.clusters:
        lines += [
            f"link add {cluster.bridge} type bridge",
            *(_address(r.router, r.underlay.prefixlen, cluster.bridge) for r in cluster.ranges),
            f"link set {cluster.bridge} up",
        ]
    _batch(lines, WAN)
    # ahead of routing, which would refuse a packet to an address that the router does not know before any forward hook
    rules = []
    for version in topology.versions:
        of_family = [r for c in topology.clusters for r in c.ranges if r.version == version]
        for kind, counter in COUNTERS.items():
            cidrs = collapsed(getattr(r, kind) for r in of_family)
            rules += [f"{_PROTOCOL[version]} {end} {{ {cidrs} }} counter name {counter} drop" for end in ("saddr", "daddr")]
    counters = [f"counter {counter} {{ }}" for counter in COUNTERS.values()]
    head = "type filter hook prerouting priority raw; policy accept;"
    table = "\n".join([f"table inet {WAN} {{", *counters, "chain plain {", head, *rules, "}", "}"])
    run(["ip", "netns", "exec", WAN, "nft", "-f", "-"], stdin=table)
    for cluster in topology.clusters:
        connect(cluster, cluster.machines)


def connect(cluster: Cluster, machines: Iterable[str]) -> None:
    """Makes the namespaces of these machines of a cluster, connected and routed, but with nothing in them."""
    machines = list(machines)
    _batch([
        line
        for machine in machines
        for line in (
            f"netns add {machine}",
            f"link add eth0 address {_hardware(cluster.machines[machine][0])} netns {machine} type veth peer name {machine} netns {WAN}",
        )
    ])  # fmt: skip
    _batch([f"link set {machine} master {cluster.bridge} up" for machine in machines], WAN)
    for machine in machines:
        inside(machine, lambda: write_settings(WITH_IPV6))
        _batch([
            f"link set lo alias {LABEL} up",
            *(_address(a, r.underlay.prefixlen, "eth0") for a, r in zip(cluster.machines[machine], cluster.ranges, strict=True)),
            "link set eth0 up",
            *(f"route add {'0.0.0.0/0' if r.version == 4 else '::/0'} via {r.router}" for r in cluster.ranges),
            # as a CNI does: the pods of each node by way of that node. The control plane has them for webhooks
            *(
                f"route add {pods} via {address}"
                for node in cluster.nodes if node.name != machine
                for pods, address in zip(node.pods, node.addresses, strict=True)
            ),
        ], machine)  # fmt: skip


def disconnect(machines: Iterable[str]) -> None:
    """Takes these machines off the network, with all that is in their namespaces."""
    for machine in machines:
        if machine in _links(WAN):
            # deleting a namespace deletes its links some time later, and until then their names are taken
            _batch([f"link del {machine}"], WAN)
        if (NAMESPACES / machine).exists():
            run(["ip", "netns", "del", machine])


def down(planned: Iterable[str] = ()) -> None:
    """Removes every link and namespace that bears our mark or was `planned`, however far its making came."""
    namespaces = ours([*planned, WAN] if planned else [])
    if MANAGEMENT_LINK in _links():
        _batch([f"link del {MANAGEMENT_LINK}"])
    disconnect(name for name in namespaces if name != WAN)
    if WAN in namespaces:
        run(["ip", "netns", "del", WAN])


def ours(planned: Iterable[str] = ()) -> list[str]:
    """Network namespaces that are a lab's: those whose loopback bears our mark, and the `planned` that have none yet."""
    if not NAMESPACES.is_dir():
        return []
    names = sorted(entry.name for entry in NAMESPACES.iterdir())
    return [name for name in names if name in planned or _marked(name)]


def leftovers() -> list[str]:
    """What of ours is in this world, one line each."""
    return [f"network namespace {name}" for name in ours()] + ([f"link {MANAGEMENT_LINK}"] if MANAGEMENT_LINK in _links() else [])


def plain_packets() -> dict[str, int]:
    """Packets that the router has dropped, by kind of address (see COUNTERS)."""

    def count(counter: str) -> int:
        listing = json.loads(run(["ip", "netns", "exec", WAN, "nft", "--json", "list", "counter", "inet", WAN, counter]))
        return next(entry["counter"]["packets"] for entry in listing["nftables"] if "counter" in entry)

    return {kind: count(counter) for kind, counter in COUNTERS.items()}


def inside(namespace: str, action: Callable[[], T]) -> T:
    """Calls `action` in a thread of its own that has entered the network namespace, and returns what it returns."""
    results: list[T] = []

    def call() -> None:
        kernel.enter(str(NAMESPACES / namespace), kernel.CLONE_NEWNET)
        results.append(action())

    at_once([call])
    return results[0]


def write_settings(settings: dict[str, int]) -> None:
    """Writes files below /proc/sys; those of `net` are the calling thread's namespace's."""
    for name, value in settings.items():
        Path("/proc/sys", name).write_text(str(value))


def _hardware(address: Address) -> str:
    """The same after a restart, as of a real machine: neighbours go on sending to the one they know, for many seconds."""
    return "02:00:" + address.packed[-4:].hex(":")


def _management(version: int, number: int) -> Address:
    """1 is the host's, 2 the router's."""
    return UNDERLAYS[version][number]


def _address(address: Address, prefix: int, device: str) -> str:
    """In no lab are two of the same, and an IPv6 address that is looked for first is of no use for a second."""
    return f"addr add {address}/{prefix} dev {device}{' nodad' if address.version == 6 else ''}"


def _batch(lines: list[str], namespace: str | None = None) -> None:
    if lines:
        run(["ip", *(["-n", namespace] if namespace else []), "-batch", "-"], stdin="\n".join(lines) + "\n")


def _links(namespace: str | None = None) -> list[str]:
    if namespace is None:
        return [name for _, name in socket.if_nameindex()]  # not /sys/class/net, which may be another namespace's
    if not (NAMESPACES / namespace).exists():
        return []
    listing = run(["ip", "-n", namespace, "-o", "link", "show"])
    return [line.split(": ")[1].split("@")[0] for line in listing.splitlines()]


def _marked(namespace: str) -> bool:
    try:
        return f"alias {LABEL}" in run(["ip", "-n", namespace, "link", "show", "lo"])
    except Exception:  # noqa: BLE001  (a file there that is no namespace is not ours)
        return False
