"""What a large zone costs the dns role, and how soon it follows a change."""

from __future__ import annotations

import ipaddress
import os
import socket
import statistics
import struct
import tempfile
import time
from pathlib import Path
from typing import Any

from lab.progress import LabError, await_fact

from . import nameservers
from .apiserver import ApiServer, api_server
from .clusters import CommandFailed
from .nameservers import Server

SERVICES, ENDPOINTS, CHANGES = 10_000, 10, 50


def run_size() -> None:
    core = min(os.sched_getaffinity(0))
    try:
        with tempfile.TemporaryDirectory(prefix="bench-dns-") as path, api_server(Path(path)) as api:
            with nameservers.tombolo(Path(path), core, api) as server:
                await_fact("Tombolo serves", 60, lambda: answer(server, "dns-version.clusterset.local", 16) is not None)
                empty = resident(server)
            print(f"importing {SERVICES} services of {ENDPOINTS} endpoints each", flush=True)
            create(api, range(SERVICES // 2))
            with nameservers.tombolo(Path(path), core, api) as server:  # one half comes as a list, one as events
                create(api, range(SERVICES // 2, SERVICES))
                await_fact("Tombolo knows all names", 120, lambda: all(known(server, i) for i in (0, SERVICES - 1)))
                time.sleep(30)  # the heap shrinks, and malloc's memory is trimmed, every so often
                full = resident(server)
                delays = [change(api, server, i) for i in range(CHANGES)]
    except LabError as e:
        raise CommandFailed(str(e)) from e
    print(f"\nresident: empty {empty} MiB, with {SERVICES} services x {ENDPOINTS} endpoints {full} MiB: {full - empty} more (target: at most 64)")
    print(f"a changed endpoint is answered after {statistics.median(delays):.1f} ms, at worst {max(delays):.1f} ms, of {CHANGES},"
          " counted from before the API server has been told (target: 50 ms from the watch's event)")


def create(api: ApiServer, services: range) -> None:
    names = sorted({place(i)[0] for i in services})
    api.create([("/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": n}}) for n in names])
    for i in services:
        namespace, name = place(i)
        api.create([
            (f"/apis/multicluster.x-k8s.io/v1beta1/namespaces/{namespace}/serviceimports", {
                "apiVersion": "multicluster.x-k8s.io/v1beta1", "kind": "ServiceImport", "metadata": {"name": name},
                "spec": {"type": "Headless", "ports": [{"name": "http", "protocol": "TCP", "port": 80}]},
            }),
            (f"/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices", slice_of(i, 0)),
        ])


def slice_of(i: int, first: int) -> dict[str, Any]:
    """As the importer writes it; `first` counts up in the address of the first endpoint."""
    base = int(ipaddress.ip_address("10.64.0.0")) + i * 16
    addresses = [str(ipaddress.ip_address(base + e)) for e in range(1, ENDPOINTS)]
    return {
        "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
        "metadata": {"name": f"{place(i)[1]}-east", "labels": {
            "endpointslice.kubernetes.io/managed-by": "tombolo.io", "multicluster.kubernetes.io/service-name": place(i)[1],
            "multicluster.kubernetes.io/source-cluster": "east"}},
        "ports": [{"name": "http", "protocol": "TCP", "port": 80}],
        "endpoints": [{"addresses": [a], "hostname": f"web-{e}", "conditions": {"ready": True, "serving": True, "terminating": False}}
                      for e, a in enumerate([f"10.80.{first // 250}.{first % 250 + 1}", *addresses])],
    }


def place(i: int) -> tuple[str, str]:
    return f"team-{i // 100}", f"service-{i % 100}"


def known(server: Server, i: int) -> bool:
    return answer(server, endpoint_name(i), 1) is not None


def endpoint_name(i: int) -> str:
    namespace, name = place(i)
    return f"web-0.east.{name}.{namespace}.svc.clusterset.local"


def change(api: ApiServer, server: Server, i: int) -> float:
    """Milliseconds from the request to change the first endpoint until its name has the new address."""
    body = slice_of(i, i + 1)
    wanted = ipaddress.ip_address(body["endpoints"][0]["addresses"][0]).packed
    start = time.monotonic()
    api.replace(f"/apis/discovery.k8s.io/v1/namespaces/{place(i)[0]}/endpointslices/{place(i)[1]}-east", body)
    while answer(server, endpoint_name(i), 1) != wanted:
        if time.monotonic() > start + 10:
            raise CommandFailed(f"{endpoint_name(i)} has not changed within 10 s")
    return (time.monotonic() - start) * 1e3


def answer(server: Server, name: str, kind: int) -> bytes | None:
    """The last four bytes of an answer of one record; None without one."""
    question = b"".join(struct.pack("B", len(label)) + label.encode() for label in name.split(".")) + b"\0"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(1)
        s.connect(("127.0.0.1", server.port))
        try:
            s.send(struct.pack("!6H", 1, 0, 1, 0, 0, 0) + question + struct.pack("!2H", kind, 1))
            reply = s.recv(512)
        except OSError:
            return None  # not there yet
        return reply[-4:] if struct.unpack("!H", reply[6:8])[0] == 1 else None


def resident(server: Server) -> int:
    """MiB."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) // 1024
