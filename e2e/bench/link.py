"""Pairs of measurements: plain WireGuard and pod to pod through Tombolo in turn, so that whatever else the machine does
meets both alike."""

from __future__ import annotations

import contextlib
import statistics
import time
from collections.abc import Callable, Iterator

from . import clusters, cost, plain
from .clusters import EAST, REPOSITORY, WEST, CommandFailed, kubectl, on, started_on

NAMESPACE = "tombolo-bench"
PORT = 9400
PROGRAM = REPOSITORY / "target/load"
IN_POD = "/tmp/load"

POD = """
apiVersion: v1
kind: Namespace
metadata: {{name: {namespace}}}
---
apiVersion: v1
kind: Pod
metadata: {{name: load, namespace: {namespace}, labels: {{app: load}}}}
spec:
  nodeName: {node}
  terminationGracePeriodSeconds: 0
  containers:
  - {{name: load, image: "lab/box:1", imagePullPolicy: IfNotPresent, command: [sleep, "1000000"]}}
"""

# what is not exported is not reachable: the pod that serves stands behind an exported Service
EXPORT = """
---
apiVersion: v1
kind: Service
metadata: {{name: load, namespace: {namespace}}}
spec:
  selector: {{app: load}}
  ports: [{{name: load, port: {port}}}]
---
apiVersion: multicluster.x-k8s.io/v1beta1
kind: ServiceExport
metadata: {{name: load, namespace: {namespace}}}
"""


def run(pairs: int, seconds: float) -> None:
    clusters.run("cc", "-O2", "-static", "-o", str(PROGRAM), str(REPOSITORY / "e2e/bench/load.c"))
    gateways = {c: clusters.gateway_node(c) for c in (WEST, EAST)}
    workers = {c: clusters.other_node(c, gateways[c]) for c in (WEST, EAST)}
    print(f"pod on {workers[WEST]} → gateway {gateways[WEST]} ═ gateway {gateways[EAST]} → pod on {workers[EAST]}", flush=True)
    # of the device, not of /sys: that belongs to the machine the lab runs on
    mtu = on(gateways[WEST], "ip", "-o", "link", "show", "tb0").split(" mtu ")[1].split()[0]
    with pods(workers) as pod, plain.tunnel(gateways, mtu) as peer:
        server = started_on(gateways[EAST], str(PROGRAM), "serve", str(PORT))
        try:
            def on_nodes(kind: str) -> list[float]:
                return numbers(on(gateways[WEST], str(PROGRAM), kind, peer, str(PORT), str(seconds)))

            def between_pods(kind: str) -> list[float]:
                return numbers(in_pod(WEST, IN_POD, kind, pod, str(PORT), str(seconds)))

            until_answered("plain WireGuard", lambda: on(gateways[WEST], str(PROGRAM), "rr", peer, str(PORT), "0.1"))
            until_answered("pod to pod", lambda: in_pod(WEST, IN_POD, "rr", pod, str(PORT), "0.1"))
            throughput = [pair(i, lambda: on_nodes("stream"), lambda: between_pods("stream")) for i in range(pairs)]
            latency = [pair(i, lambda: on_nodes("rr"), lambda: between_pods("rr")) for i in range(pairs)]
        finally:
            server.terminate()
            server.wait()
    print_table(throughput, latency, mtu)
    cost.print_memory()
    cost.print_starts()


Pair = tuple[list[float], list[float]]


def pair(i: int, first: Callable[[], list[float]], second: Callable[[], list[float]]) -> Pair:
    """One of each; every other time the other way round, so that neither always finds the machine warm."""
    if i % 2 == 0:
        a = first()
        return a, second()
    b = second()
    return first(), b


def print_table(throughput: list[Pair], latency: list[Pair], mtu: str) -> None:
    print(f"\n{'':4} {'one TCP stream, Mbit/s':^32}   {'round trip of 1 byte, µs: p50 (p99)':^42}")
    print(f"{'pair':4} {'plain':>10} {'Tombolo':>10} {'ratio':>10}   {'plain':>16} {'Tombolo':>16} {'ratio':>8}")
    rows = []
    for i, ((a, b), (x, y)) in enumerate(zip(throughput, latency), 1):
        rows.append((b[0] / a[0], y[0] / x[0]))
        plain_rr, tombolo_rr = (f"{p50:.0f} ({p99:.0f})" for p50, p99 in (x, y))
        print(f"{i:4} {a[0]:10.0f} {b[0]:10.0f} {rows[-1][0]:10.2f}   {plain_rr:>16} {tombolo_rr:>16} {rows[-1][1]:8.2f}")
    stream, rr = (statistics.median(r[k] for r in rows) for k in (0, 1))
    print(f"{'median':15} {'':10} {stream:9.2f}   {'':16} {'':16} {rr:8.2f}")
    print(f"targets on two shared cores: throughput at least 0.70, round trip at most 1.30. MTU of both tunnels: {mtu}")


@contextlib.contextmanager
def pods(workers: dict[str, str]) -> Iterator[str]:
    """A pod on each worker, east's serving; gives its address."""
    try:
        for cluster, node in workers.items():
            text = POD + (EXPORT if cluster == EAST else "")
            kubectl(cluster, "apply", "-f", "-", input=text.format(namespace=NAMESPACE, node=node, port=PORT).encode())
        for cluster in workers:
            kubectl(cluster, "-n", NAMESPACE, "wait", "--for=condition=Ready", "pod/load", "--timeout=60s")
            kubectl(cluster, "-n", NAMESPACE, "exec", "-i", "load", "--", "sh", "-c",
                    f"cat >{IN_POD} && chmod +x {IN_POD}", input=PROGRAM.read_bytes())
        kubectl(EAST, "-n", NAMESPACE, "exec", "load", "--", "sh", "-c", f"setsid {IN_POD} serve {PORT} >/dev/null 2>&1 &")
        yield str(clusters.get(EAST, "-n", NAMESPACE, "pod", "load")["status"]["podIP"])
    finally:
        for cluster in workers:
            kubectl(cluster, "delete", "namespace", NAMESPACE, "--ignore-not-found", "--wait=false")


def in_pod(cluster: str, *command: str) -> str:
    return kubectl(cluster, "-n", NAMESPACE, "exec", "load", "--", *command)


def numbers(text: str) -> list[float]:
    return [float(word) for word in text.split()]


def until_answered(what: str, ask: Callable[[], object], limit: float = 60) -> None:
    end = time.monotonic() + limit
    while True:
        try:
            ask()
            return
        except CommandFailed as e:
            if time.monotonic() > end:
                raise CommandFailed(f"{what}: no answer within {limit:.0f} s; {e}") from e
            time.sleep(0.2)
