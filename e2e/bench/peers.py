"""One real cluster that imports what scripted peers export: see importing.py for what is real, farside.py for what is scripted."""

from __future__ import annotations

import contextlib
import json
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lab.progress import LabError, await_fact, say

from . import importing
from .apiclient import Watch
from .apiserver import ApiServer, api_server
from .changes import Changes, Sights, percentile
from .clusters import CommandFailed
from .farside import FarSide, far_side
from .importing import Gateway

SLICES = "/apis/discovery.k8s.io/v1/endpointslices"
MCS_LABEL, KUBE_LABEL = "multicluster.kubernetes.io/service-name", "kubernetes.io/service-name"
OURS = "endpointslice.kubernetes.io/managed-by=tombolo.io"
MOST_MEMORY = 512  # MiB
FIRST_SYNC = 1800  # s, before we give up


@dataclass(frozen=True)
class Size:
    """So many peers, with services each, of so many endpoints."""

    peers: int
    services: int
    endpoints: int

    @property
    def names(self) -> int:
        return self.peers * self.services

    @property
    def addresses(self) -> int:
        return self.names * self.endpoints

    def __str__(self) -> str:
        return f"{self.peers} peer{'s' if self.peers > 1 else ''} x {self.services} services x {self.endpoints} endpoints"


@dataclass(frozen=True)
class Setting:
    size: Size
    server: ApiServer
    far: FarSide
    gateway: Gateway
    sights: Sights
    watch: Watch


PARTS = ("services", "peers")  # each in a world of its own


def run(part: str, scale: float, seconds: float) -> None:
    """@param scale of the sizes and rates of the targets: 1 for all of it"""
    def scaled(count: float) -> int:
        return max(1, round(count * scale))

    try:
        if part == "services":
            with setting(Size(1, scaled(5000), 10)) as one:
                first_sync(one)
                load(one, scaled(1000), seconds)
                load(one, scaled(200), seconds)
                everything_arrived(one)
        else:
            with setting(Size(scaled(250), 10, 100)) as many:
                first_sync(many)
                load(many, scaled(250), 2 * seconds)
                everything_arrived(many)
    except LabError as e:
        raise CommandFailed(str(e)) from e


@contextlib.contextmanager
def setting(size: Size) -> Iterator[Setting]:
    print(f"\n{size}. Real: kube-apiserver and etcd with our CRDs and policies; the gateway with its WireGuard, filter, probes, exchange"
          " and importer.\nScripted: what the peers export; their exchange, probes and WireGuard are the product's.", flush=True)
    with (tempfile.TemporaryDirectory(prefix="bench-peers-") as path, api_server(Path(path)) as server,
          far_side(Path(path), size.peers, size.services, size.endpoints) as far):
        importing.install(server, json.loads((Path(path) / "objects.json").read_text()))
        sights = Sights(MCS_LABEL)
        with importing.gateway(server, Path(path)) as gateway:
            watch = Watch(server.api, SLICES, sights, labelSelector=MCS_LABEL)
            try:
                yield Setting(size, server, far, gateway, sights, watch)
                watch.check()
            finally:
                watch.close()


def first_sync(s: Setting) -> None:
    s.far.obey("serve")
    begin = time.monotonic()
    s.gateway.start()

    def done() -> bool:
        s.watch.check()
        return bool(s.gateway.pid) and s.sights.services() >= s.size.names

    try:
        await_fact(f"all {s.size.names} services are here", FIRST_SYNC, done, interval=0.5)
    except LabError:
        say(s.gateway.log.read_text(errors="replace")[-3000:])
        raise
    took = time.monotonic() - begin
    rest(s)
    print(f"  first sync, from the start of the gateway's process: {took:.0f} s ({s.size.names / took:.0f} services/s),"
          f" gateway at most {s.gateway.resident('VmHWM')} MiB, {s.gateway.cpu_seconds():.0f} s of CPU", flush=True)


def rest(s: Setting) -> None:
    """Until the gateway has nothing to do: what comes next is not charged with what was before."""
    before, idle, end = s.gateway.cpu_seconds(), 0, time.monotonic() + 60
    while idle < 3 and time.monotonic() < end:
        time.sleep(1)
        now = s.gateway.cpu_seconds()
        idle, before = (idle + 1 if now - before < 0.4 else 0), now


def load(s: Setting, rate: int, seconds: float) -> None:
    began, cpu, seen_backwards, deleted = time.monotonic(), s.gateway.cpu_seconds(), s.sights.backwards(), s.sights.deleted
    s.far.obey(f"change {rate} {int(rate * seconds)}")
    changes = Changes()
    for line in (s.far.directory / "changes").read_text().splitlines():
        service, version, nanos = line.split()
        changes.made(service, int(version), int(nanos) / 1e9)
    ended = time.monotonic()
    newest = changes.newest()
    await_fact("every service is as its peer last said", 300, lambda: s.gateway.pid and all(
        s.sights.newest(service) >= version for service, version in newest.items()), interval=0.2)
    drained = time.monotonic() - ended
    delays = changes.delays(s.sights)
    behind = changes.behind(s.sights)
    third = [count for at, count in behind if at < began + (ended - began) / 3]
    last = [count for at, count in behind if began + (ended - began) * 2 / 3 <= at < ended]
    print(f"  {rate} changes/s for {ended - began:.0f} s: {s.sights.count(began, ended) / (ended - began):.0f} slices/s reach the API;"
          f" visible after p50 {percentile(delays, .5):.0f} ms, p99 {percentile(delays, .99):.0f} ms; drained {drained:.1f} s after the end")
    print(f"    services that lag: {sum(third) / max(1, len(third)):.0f} in the first third, {sum(last) / max(1, len(last)):.0f} in the last,"
          f" at most {max(count for _, count in behind)}; 0 of {len(delays)} changes lost,"
          f" an older one after a newer {s.sights.backwards() - seen_backwards} times, {s.sights.deleted - deleted} slices deleted")
    print(f"    gateway: {s.gateway.resident()} MiB, {100 * (s.gateway.cpu_seconds() - cpu) / (time.monotonic() - began):.0f} % of a core", flush=True)


def everything_arrived(s: Setting) -> None:
    api = s.server.api.another()
    held = {}
    for label in (MCS_LABEL, KUBE_LABEL):
        slices = api.list(SLICES, labelSelector=f"{OURS},{label}")
        held[label] = sum(len(x.get("endpoints") or []) for x in slices)
    imports = len(api.list("/apis/multicluster.x-k8s.io/v1beta1/serviceimports"))
    complete = all(count == s.size.addresses for count in held.values()) and imports == s.size.names
    print(f"  in the API: {imports} imports, {held[MCS_LABEL]} exported and {held[KUBE_LABEL]} receiving endpoints of {s.size.addresses}:"
          f" {'nothing lost' if complete else 'SOMETHING IS MISSING'}")
    most = s.gateway.resident("VmHWM")
    print(f"  gateway at most {most} MiB (target: {MOST_MEMORY}: {'kept' if most <= MOST_MEMORY else 'NOT KEPT'})", flush=True)
