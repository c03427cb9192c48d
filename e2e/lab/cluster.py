"""What a cluster is told and asked through its API server while it comes up."""

from __future__ import annotations

import json
import socket
import ssl
import struct
from pathlib import Path

from . import binaries, network
from .certificates import kubeconfig
from .machine import ended
from .node import ready_mark
from .progress import await_fact, run
from .state import machine_directory
from .topology import API_PORT, Cluster, Node

_UNVERIFIED = ssl._create_unverified_context()  # noqa: S323  (a check of liveness, which carries no secret)


def await_api(cluster: Cluster, seconds: float = 90) -> None:
    """Until the API server says that it is ready."""
    await_fact(f"the API server of {cluster.name} is ready", seconds, lambda: _answers(cluster), detail=lambda: _see(cluster.control_plane))


def await_default_account(cluster: Cluster, seconds: float = 60) -> None:
    """Until pods may be made: the controller manager has given the namespace its ServiceAccount."""
    await_fact(
        f"{cluster.name} has its default ServiceAccount",
        seconds,
        lambda: "default" in kubectl(cluster, "get", "serviceaccounts", "--namespace=default", "--output=name", "--ignore-not-found"),
        detail=lambda: _see(cluster.control_plane),
    )


def declare_nodes(cluster: Cluster) -> None:
    """Makes the Node objects, with their share of the pod range, then lets the kubelets go on."""
    nodes = [
        {"apiVersion": "v1", "kind": "Node", "metadata": {"name": n.name}, "spec": {"podCIDR": str(n.pods[0]), "podCIDRs": [*map(str, n.pods)]}}
        for n in cluster.nodes
    ]
    kubectl(cluster, "create", "--filename=-", given=json.dumps({"apiVersion": "v1", "kind": "List", "items": nodes}))
    ready_mark(cluster.name).touch()


def install_coredns(cluster: Cluster) -> None:
    manifest = Path(__file__).with_name("coredns.yaml").read_text().replace("CLUSTER_DNS", str(cluster.primary.dns_address))
    kubectl(cluster, "create", "--filename=-", given=manifest)


def await_nodes(cluster: Cluster, seconds: float = 120) -> None:
    kubectl(cluster, "wait", "node", "--all", "--for=condition=Ready", f"--timeout={seconds}s")


def await_names(cluster: Cluster, node: Node, seconds: float = 120) -> None:
    """Until a request from this node to the cluster's DNS service is answered: kube-proxy, CNI, CoreDNS, all of it."""
    await_fact(
        f"CoreDNS of {cluster.name} answers {node.name}",
        seconds,
        lambda: network.inside(node.name, lambda: _resolves(str(cluster.primary.dns_address), "kubernetes.default.svc.cluster.local")),
        detail=lambda: _see(node.name),
    )


def await_proxy(node: Node, mode: str, seconds: float = 60) -> None:
    """Until the kube-proxy of this node is one of this mode; it has taken the rules of others away when it says so."""
    await_fact(
        f"kube-proxy of {node.name} runs in mode {mode}",
        seconds,
        lambda: network.inside(node.name, lambda: _get("127.0.0.1", 10249, "/proxyMode")).endswith(mode.encode()),
        detail=lambda: _see(node.name),
    )


def kubectl(cluster: Cluster, *arguments: str, given: str = "") -> str:
    return run([str(binaries.path("kubectl")), f"--kubeconfig={kubeconfig(cluster.name)}", *arguments], stdin=given)


def _answers(cluster: Cluster) -> bool:
    try:
        with socket.create_connection((str(cluster.primary.api_address), API_PORT), timeout=2) as plain, _UNVERIFIED.wrap_socket(plain) as connection:
            connection.send(b"GET /readyz HTTP/1.0\r\n\r\n")
            return connection.recv(64).split(b" ")[1:2] == [b"200"]
    except OSError:
        return False


def _get(server: str, port: int, path: str) -> bytes:
    """What an HTTP server answers, headers and all; nothing where there is none."""
    try:
        with socket.create_connection((server, port), timeout=2) as connection:
            connection.send(f"GET {path} HTTP/1.0\r\n\r\n".encode())
            return b"".join(iter(lambda: connection.recv(4096), b""))
    except OSError:
        return b""


def _resolves(server: str, name: str) -> bool:
    """Asks for an address of the server's own family (RFC 1035, section 4.1; RFC 3596); true when the answer holds one."""
    family, kind = (socket.AF_INET6, 28) if ":" in server else (socket.AF_INET, 1)
    question = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0" + struct.pack("!HH", kind, 1)
    with socket.socket(family, socket.SOCK_DGRAM) as client:
        client.settimeout(0.5)
        try:
            client.connect((server, 53))
            client.send(struct.pack("!HHHHHH", 7, 0x0100, 1, 0, 0, 0) + question)
            answer = client.recv(512)
        except OSError:
            return False
    return len(answer) >= 12 and answer[3] & 15 == 0 and answer[6:8] != b"\0\0"


def _see(machine: str) -> str:
    """Where to look; of daemons that have ended, what they said last: a sealed lab takes its logs along."""
    directory = machine_directory(machine)
    last = [f"{name} has ended: {(directory / f'{name}.log').read_text(errors='replace')[-1000:]}" for name in ended(machine)]
    return "\n".join([f"See the logs in {directory}", *last])
