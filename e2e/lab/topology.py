"""Names and addresses of a lab: pure values, made from the flags of `up`, from which every other module derives the rest."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

from .progress import LabError

WAN = "wan"
MANAGEMENT_LINK = "tombolo-lab"  # of the namespace that started the lab; 15 characters at most
Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
# by the version of IP; a cluster's own part of it is the one of its index, and the first leads from the host to the router
UNDERLAYS = {4: IPv4Network("172.30.0.0/16"), 6: IPv6Network("fd00:172:30::/48")}
_LINK_PREFIX = {4: 24, 6: 64}
IP_FAMILIES = {"ipv4": (4,), "dual": (4, 6), "ipv6": (6,)}  # the first is the primary one
API_PORT = 6443
MAX_NODES = 100
PROXY_MODES = ("nftables", "iptables")


@dataclass(frozen=True)
class Node:
    """A node: `number` from 1, and of each IP family of its cluster an address and a range of pods."""

    name: str
    number: int
    addresses: tuple[Address, ...]
    pods: tuple[Network, ...]


@dataclass(frozen=True)
class Ranges:
    """What a cluster has in one IP family."""

    underlay: Network
    pods: Network
    services: Network

    @property
    def version(self) -> int:
        return self.underlay.version

    @property
    def router(self) -> Address:
        return self.underlay[1]

    @property
    def api_address(self) -> Address:
        return self.underlay[2]

    @property
    def dns_address(self) -> Address:
        return self.services[10]

    def node_address(self, number: int) -> Address:
        return self.underlay[10 + number]

    def node_pods(self, number: int) -> Network:
        return _part(self.pods, _node_prefix(self.pods), number)


@dataclass(frozen=True)
class Cluster:
    """One cluster: `index` from 1 settles its underlay, 172.30.<index>.0/24 and fd00:172:30:<index>::/64.

    `ranges` are those of its IP families, the primary one first.
    """

    name: str
    index: int
    node_count: int
    ranges: tuple[Ranges, ...]

    @property
    def primary(self) -> Ranges:
        return self.ranges[0]

    @property
    def control_plane(self) -> str:
        return f"{self.name}-cp"

    @property
    def api_url(self) -> str:
        address = self.primary.api_address
        return f"https://{f'[{address}]' if address.version == 6 else address}:{API_PORT}"

    @property
    def bridge(self) -> str:
        return f"br-{self.index}"

    @property
    def nodes(self) -> list[Node]:
        return [
            Node(f"{self.name}-n{n}", n, tuple(r.node_address(n) for r in self.ranges), tuple(r.node_pods(n) for r in self.ranges))
            for n in range(1, self.node_count + 1)
        ]

    @property
    def machines(self) -> dict[str, tuple[Address, ...]]:
        """Every machine of this cluster and its underlay addresses, the control plane first."""
        return {self.control_plane: tuple(r.api_address for r in self.ranges)} | {node.name: node.addresses for node in self.nodes}


@dataclass(frozen=True)
class Topology:
    """A whole lab."""

    clusters: tuple[Cluster, ...]
    proxy_mode: str
    fast: bool

    @property
    def versions(self) -> tuple[int, ...]:
        """Of IP: all clusters have the same."""
        return tuple(r.version for r in self.clusters[0].ranges)

    @property
    def machines(self) -> list[str]:
        return [name for cluster in self.clusters for name in cluster.machines]

    def cluster(self, name: str) -> Cluster:
        for cluster in self.clusters:
            if cluster.name == name:
                return cluster
        raise LabError(f"there is no cluster `{name}`; there are: {', '.join(c.name for c in self.clusters)}")

    def cluster_of(self, machine: str) -> Cluster:
        for cluster in self.clusters:
            if machine in cluster.machines:
                return cluster
        raise LabError(f"there is no machine `{machine}`; there are: {', '.join(self.machines)}")

    def to_json(self) -> dict:
        return {
            "clusters": [asdict(c) | {"ranges": [{k: str(v) for k, v in asdict(r).items()} for r in c.ranges]} for c in self.clusters],
            "proxy_mode": self.proxy_mode,
            "fast": self.fast,
        }

    @staticmethod
    def from_json(value: dict) -> Topology:
        def ranges(values: list[dict]) -> tuple[Ranges, ...]:
            return tuple(Ranges(**{k: ip_network(v) for k, v in r.items()}) for r in values)

        clusters = tuple(Cluster(**c | {"ranges": ranges(c["ranges"])}) for c in value["clusters"])
        return Topology(clusters, value["proxy_mode"], value["fast"])


def plan(
    names: list[str], nodes: int, pod_cidrs: list[str], service_cidrs: list[str], proxy_mode: str, fast: bool, ip_family: str = "ipv4"
) -> Topology:
    """The topology that the flags ask for; LabError names the flag that is wrong.

    `pod_cidrs` and `service_cidrs` are NAME=CIDR; two clusters may have the same, one cluster's may not overlap.
    `ip_family` is one of IP_FAMILIES.
    """
    if not names or len(names) > 200 or len(set(names)) != len(names):
        raise LabError("--clusters takes different names, separated by commas: --clusters west,east")
    for name in names:
        # the longest link name is <cluster>-n<number>, and Linux allows 15 characters
        if not re.fullmatch(r"[a-z]([a-z0-9-]{0,8}[a-z0-9])?", name) or name == WAN:
            raise LabError(f"--clusters: `{name}` is not a DNS label of at most 10 characters that starts with a letter, or is `{WAN}`")
    if not 0 <= nodes <= MAX_NODES:
        raise LabError(f"--nodes takes 0 to {MAX_NODES}")
    versions = IP_FAMILIES[ip_family]
    pods, services = _pairs("--pod-cidr", pod_cidrs, names, versions), _pairs("--service-cidr", service_cidrs, names, versions)
    clusters = []
    for index, name in enumerate(names, start=1):
        ranges = tuple(
            Ranges(
                _part(UNDERLAYS[version], _LINK_PREFIX[version], index),
                pods.get((name, version), _default_pods(version, index)),
                services.get((name, version), _default_services(version, index)),
            )
            for version in versions
        )
        for r in ranges:
            _check(name, r, nodes)
        clusters.append(Cluster(name, index, 0 if fast else nodes, ranges))
    topology = Topology(tuple(clusters), proxy_mode, fast)
    clashing = set(names) & set(topology.machines)
    if clashing:
        raise LabError(f"--clusters: {', '.join(clashing)} would be the name of a cluster and of a machine")
    return topology


def _default_pods(version: int, index: int) -> Network:
    number = (32 + 10 * index) % 256
    return ip_network(f"10.{number}.0.0/16" if version == 4 else f"fd00:10:{number}::/56")


def _default_services(version: int, index: int) -> Network:
    number = (33 + 10 * index) % 256
    return ip_network(f"10.{number}.0.0/16" if version == 4 else f"fd00:10:{number}::/112")


def _check(name: str, r: Ranges, nodes: int) -> None:
    if r.pods.overlaps(r.services):
        raise LabError(f"pods and services of `{name}` overlap: {r.pods} and {r.services}")
    for kind, cidr in (("--pod-cidr", r.pods), ("--service-cidr", r.services)):
        if cidr.overlaps(UNDERLAYS[r.version]):
            raise LabError(f"{kind}: {cidr} overlaps the addresses of the nodes, {UNDERLAYS[r.version]}")
    # an API server takes no more than 20 bits of IPv6
    widest, narrowest = {4: (8, 24), 6: (108, 120)}[r.version]
    if not widest <= r.services.prefixlen <= narrowest:
        raise LabError(f"--service-cidr: {r.services} is not between /{widest} and /{narrowest}")
    if 2 ** (_node_prefix(r.pods) - r.pods.prefixlen) <= nodes:
        raise LabError(f"--pod-cidr: {r.pods} has no room for {nodes} nodes")


def _node_prefix(pods: Network) -> int:
    """Nodes get a /24 or a /64 each, or of a small range an eighth."""
    usual, longest = (24, 29) if pods.version == 4 else (64, 125)
    return max(usual, min(pods.prefixlen + 3, longest))


def _part(whole: Network, prefix: int, number: int) -> Network:
    """The part of this number, from 0, of those of this prefix length."""
    return ip_network((int(whole.network_address) + (number << (whole.max_prefixlen - prefix)), prefix))


def _pairs(flag: str, values: list[str], names: list[str], versions: tuple[int, ...]) -> dict[tuple[str, int], Network]:
    pairs = {}
    for value in values:
        name, _, cidr = value.partition("=")
        if name not in names:
            raise LabError(f"{flag} {value}: there is no cluster `{name}`")
        try:
            given = ip_network(cidr)
        except ValueError as wrong:
            raise LabError(f"{flag} {value}: {wrong}") from None
        if given.version not in versions:
            raise LabError(f"{flag} {value}: the clusters have no IPv{given.version}; see --ip-family")
        pairs[name, given.version] = given
    return pairs


def collapsed(ranges: Iterable[Network]) -> str:
    """Ranges as the elements of an nft set, where none may lie in another."""
    return ", ".join(map(str, ipaddress.collapse_addresses(ranges)))
