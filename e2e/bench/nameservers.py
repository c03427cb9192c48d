"""The name servers that are measured, each on one core, all serving the same names."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lab import binaries

from .apiserver import ApiServer, free_port, started
from .clusters import CommandFailed
from .roles import as_in_the_image

ZONE = "clusterset.local"


@dataclass(frozen=True)
class Service:
    namespace: str
    name: str
    address: str

    @property
    def domain(self) -> str:
        return f"{self.name}.{self.namespace}.svc.{ZONE}"


@dataclass(frozen=True)
class Server:
    name: str
    port: int
    process: subprocess.Popen[bytes]

    def cpu_seconds(self) -> float:
        """Used so far by all its threads."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def services(count: int) -> list[Service]:
    """100 to a namespace, one port each."""
    return [Service(f"team-{i // 100}", f"service-{i % 100}", f"10.43.{i // 250}.{i % 250 + 1}") for i in range(count)]


def import_all(api: ApiServer, wanted: list[Service]) -> None:
    api.create([
        ("/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": n}})
        for n in sorted({s.namespace for s in wanted})
    ])
    api.create([
        (f"/apis/multicluster.x-k8s.io/v1beta1/namespaces/{s.namespace}/serviceimports", {
            "apiVersion": "multicluster.x-k8s.io/v1beta1", "kind": "ServiceImport", "metadata": {"name": s.name},
            "spec": {"type": "ClusterSetIP", "ips": [s.address], "ipFamilies": ["IPv4"],
                     "ports": [{"name": "http", "protocol": "TCP", "port": 80}]},
        })
        for s in wanted
    ])


@contextlib.contextmanager
def tombolo(directory: Path, core: int, api: ApiServer) -> Iterator[Server]:
    """The role as the image runs it."""
    port = free_port()
    with started("tombolo", "taskset", "-c", str(core), *as_in_the_image(), "dns", f"--port={port}",
                 f"--health-port={free_port()}", f"--state-directory={directory}", "--drain-seconds=0",
                 log=directory / "tombolo.log", environment={"KUBECONFIG": str(api.kubeconfig)}) as process:
        yield Server("Tombolo", port, process)


@contextlib.contextmanager
def coredns(directory: Path, core: int, api: ApiServer) -> Iterator[Server]:
    """The lab's binary with nothing but the plugin and its option."""
    port = free_port()
    corefile = directory / "Corefile"
    corefile.write_text(f"""{ZONE}:{port} {{
    bind 127.0.0.1
    kubernetes {ZONE} {{
        kubeconfig {api.kubeconfig} bench
        multicluster {ZONE}
    }}
}}
""")
    with started("coredns", "taskset", "-c", str(core), str(binaries.path("coredns")), "-conf", str(corefile),
                 log=directory / "coredns.log") as process:
        yield Server("CoreDNS", port, process)


@contextlib.contextmanager
def knot(directory: Path, core: int, wanted: list[Service]) -> Iterator[Server]:
    """One UDP worker; the names from a zone file."""
    program = shutil.which("knotd", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    if not program:
        raise CommandFailed("knotd is missing: e2e/packages --tests")
    port = free_port()
    zone = directory / "zone"
    zone.write_text(f"$ORIGIN {ZONE}.\n$TTL 5\n@ SOA ns.dns hostmaster 1 7200 1800 86400 5\n@ NS ns.dns\nns.dns A 10.43.0.53\n" + "".join(
        f"{s.domain}. A {s.address}\n{s.domain}. SRV 0 1 80 {s.domain}.\n_http._tcp.{s.domain}. SRV 0 1 80 {s.domain}.\n" for s in wanted))
    config = directory / "knot.conf"
    config.write_text(f"""server:
    rundir: "{directory}"
    listen: 127.0.0.1@{port}
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
database:
    storage: "{directory}/knot"
log:
  - target: stderr
    any: warning
template:
  - id: default
    storage: "{directory}"
    zonefile-sync: -1
    journal-content: none
zone:
  - domain: {ZONE}
    file: "{zone}"
""")
    with started("knotd", "taskset", "-c", str(core), program, "-c", str(config), log=directory / "knot.log") as process:
        yield Server("Knot", port, process)
