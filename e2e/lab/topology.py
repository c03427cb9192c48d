"""Names and addresses of a lab: pure values, made from the flags of `up`, from which every other module derives the rest."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from ipaddress import IPv4Address, IPv4Network

from .progress import LabError

WAN = "wan"
MANAGEMENT_LINK = "tombolo-lab"  # of the namespace that started the lab; 15 characters at most
MANAGEMENT_HOST, MANAGEMENT_WAN = "172.30.0.1/30", "172.30.0.2/30"
UNDERLAY = IPv4Network("172.30.0.0/16")
API_PORT = 6443
MAX_NODES = 100
PROXY_MODES = ("nftables", "iptables")


@dataclass(frozen=True)
class Node:
    """A node: `number` from 1."""

    name: str
    number: int
    address: IPv4Address
    pods: IPv4Network


@dataclass(frozen=True)
class Cluster:
    """One cluster: `index` from 1 settles its underlay, 172.30.<index>.0/24."""

    name: str
    index: int
    node_count: int
    pods: IPv4Network
    services: IPv4Network

    @property
    def underlay(self) -> IPv4Network:
        return list(UNDERLAY.subnets(new_prefix=24))[self.index]

    @property
    def router(self) -> IPv4Address:
        return self.underlay[1]

    @property
    def control_plane(self) -> str:
        return f"{self.name}-cp"

    @property
    def api_address(self) -> IPv4Address:
        return self.underlay[2]

    @property
    def api_url(self) -> str:
        return f"https://{self.api_address}:{API_PORT}"

    @property
    def bridge(self) -> str:
        return f"br-{self.index}"

    @property
    def dns_address(self) -> IPv4Address:
        return self.services[10]

    @property
    def nodes(self) -> list[Node]:
        per_node = list(self.pods.subnets(new_prefix=_node_prefix(self.pods)))
        return [Node(f"{self.name}-n{n}", n, self.underlay[10 + n], per_node[n]) for n in range(1, self.node_count + 1)]

    @property
    def machines(self) -> dict[str, IPv4Address]:
        """Every machine of this cluster and its underlay address, the control plane first."""
        return {self.control_plane: self.api_address} | {node.name: node.address for node in self.nodes}


@dataclass(frozen=True)
class Topology:
    """A whole lab."""

    clusters: tuple[Cluster, ...]
    proxy_mode: str
    fast: bool

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
            "clusters": [asdict(c) | {"pods": str(c.pods), "services": str(c.services)} for c in self.clusters],
            "proxy_mode": self.proxy_mode,
            "fast": self.fast,
        }

    @staticmethod
    def from_json(value: dict) -> Topology:
        clusters = tuple(Cluster(**c | {"pods": IPv4Network(c["pods"]), "services": IPv4Network(c["services"])}) for c in value["clusters"])
        return Topology(clusters, value["proxy_mode"], value["fast"])


def plan(names: list[str], nodes: int, pod_cidrs: list[str], service_cidrs: list[str], proxy_mode: str, fast: bool) -> Topology:
    """The topology that the flags ask for; LabError names the flag that is wrong.

    `pod_cidrs` and `service_cidrs` are NAME=CIDR; two clusters may have the same, one cluster's may not overlap.
    """
    if not names or len(names) > 200 or len(set(names)) != len(names):
        raise LabError("--clusters takes different names, separated by commas: --clusters west,east")
    for name in names:
        # the longest link name is <cluster>-n<number>, and Linux allows 15 characters
        if not re.fullmatch(r"[a-z]([a-z0-9-]{0,8}[a-z0-9])?", name) or name == WAN:
            raise LabError(f"--clusters: `{name}` is not a DNS label of at most 10 characters that starts with a letter, or is `{WAN}`")
    if not 0 <= nodes <= MAX_NODES:
        raise LabError(f"--nodes takes 0 to {MAX_NODES}")
    pods, services = _pairs("--pod-cidr", pod_cidrs, names), _pairs("--service-cidr", service_cidrs, names)
    clusters = []
    for index, name in enumerate(names, start=1):
        cluster = Cluster(
            name,
            index,
            0 if fast else nodes,
            pods.get(name, IPv4Network((0x0A000000 + (((32 + 10 * index) % 256) << 16), 16))),
            services.get(name, IPv4Network((0x0A000000 + (((33 + 10 * index) % 256) << 16), 16))),
        )
        if cluster.pods.overlaps(cluster.services):
            raise LabError(f"pods and services of `{name}` overlap: {cluster.pods} and {cluster.services}")
        for kind, cidr in (("--pod-cidr", cluster.pods), ("--service-cidr", cluster.services)):
            if cidr.overlaps(UNDERLAY):
                raise LabError(f"{kind}: {cidr} overlaps the addresses of the nodes, {UNDERLAY}")
        if cluster.services.prefixlen > 24:
            raise LabError(f"--service-cidr: {cluster.services} is smaller than a /24")
        if 2 ** (_node_prefix(cluster.pods) - cluster.pods.prefixlen) <= nodes:
            raise LabError(f"--pod-cidr: {cluster.pods} has no room for {nodes} nodes")
        clusters.append(cluster)
    topology = Topology(tuple(clusters), proxy_mode, fast)
    clashing = set(names) & set(topology.machines)
    if clashing:
        raise LabError(f"--clusters: {', '.join(clashing)} would be the name of a cluster and of a machine")
    return topology


def _node_prefix(pods: IPv4Network) -> int:
    """Nodes get a /24 each, or of a small range an eighth."""
    return max(24, min(pods.prefixlen + 3, 29))


def _pairs(flag: str, values: list[str], names: list[str]) -> dict[str, IPv4Network]:
    pairs = {}
    for value in values:
        name, _, cidr = value.partition("=")
        if name not in names:
            raise LabError(f"{flag} {value}: there is no cluster `{name}`")
        try:
            pairs[name] = IPv4Network(cidr)
        except ValueError as wrong:
            raise LabError(f"{flag} {value}: {wrong}") from None
    return pairs


def collapsed(ranges: Iterable[IPv4Network]) -> str:
    """Ranges as the elements of an nft set, where none may lie in another."""
    return ", ".join(map(str, ipaddress.collapse_addresses(ranges)))
