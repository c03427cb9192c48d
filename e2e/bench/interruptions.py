"""Thousands of services while gateways come and go: which names are missing, which slices go and come again."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lab.progress import LabError, await_fact

from . import nameservers
from .apiclient import Watch
from .clusters import CommandFailed
from .importing import Gateway
from .nameservers import ZONE
from .peers import MCS_LABEL, OURS, SLICES, Setting, Size, everything_arrived, first_sync, rest, setting
from .successor import successor

IMPORTS = "/apis/multicluster.x-k8s.io/v1beta1/serviceimports"
SERVICES = "/api/v1/services"
STOPPED = 30  # s
WITHDRAWN = 50  # services, at full scale


class Goings:
    """Objects that were deleted, and those that came again, by kind and name."""

    def __init__(self, kind: str):
        self.kind = kind
        self._lock = threading.Lock()
        self._uids: dict[str, str] = {}
        self._gone: Counter[str] = Counter()
        self._again: Counter[str] = Counter()

    def __call__(self, now: float, event: str, found: dict[str, Any]) -> None:
        name, uid = f"{found['metadata']['namespace']}/{found['metadata']['name']}", found["metadata"]["uid"]
        with self._lock:
            if event == "DELETED":
                self._gone[name] += 1
            elif self._uids.get(name, uid) != uid:
                self._again[name] += 1
            if event != "DELETED":
                self._uids[name] = uid

    def take(self) -> tuple[int, int]:
        """Deleted and made again since the last call."""
        with self._lock:
            result = sum(self._gone.values()), sum(self._again.values())
            self._gone.clear()
            self._again.clear()
            return result


class Names:
    """Asks the dns role for one name after another, and counts those that are not answered with an address."""

    def __init__(self, port: int, domains: list[str]):
        self._port, self._domains = port, domains
        self._lock = threading.Lock()
        self._asked = self._missing = 0
        self._closed = False
        self._thread = threading.Thread(target=self._ask, daemon=True)
        self._thread.start()

    def _ask(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(1)
            s.connect(("127.0.0.1", self._port))
            i = 0
            while not self._closed:
                ok = answered(s, i % 65_536, self._domains[i % len(self._domains)])
                with self._lock:
                    self._asked += 1
                    self._missing += not ok
                i += 1
                time.sleep(0.002)

    def take(self) -> tuple[int, int]:
        """Asked and missing since the last call."""
        with self._lock:
            result = self._asked, self._missing
            self._asked = self._missing = 0
            return result

    def close(self) -> None:
        self._closed = True
        self._thread.join()


def answered(s: socket.socket, number: int, domain: str) -> bool:
    question = b"".join(struct.pack("B", len(label)) + label.encode() for label in domain.split(".")) + b"\0"
    s.send(struct.pack("!6H", number, 0, 1, 0, 0, 0) + question + struct.pack("!2H", 1, 1))
    try:
        while True:
            reply = s.recv(512)
            if struct.unpack("!H", reply[:2])[0] == number:
                return struct.unpack("!H", reply[6:8])[0] > 0
    except TimeoutError:
        return False


def run(scale: float) -> None:
    size = Size(2, max(2, round(2500 * scale)), 10)
    withdrawn = max(1, round(WITHDRAWN * scale))
    try:
        with setting(size) as s:
            first_sync(s)
            with watched(s) as goings, names(s, withdrawn) as asked:
                def report(what: str) -> None:
                    s.watch.check()
                    rest(s)
                    moved = ", ".join(f"{g.kind} {gone} deleted, {again} made again" for g in goings for gone, again in [g.take()])
                    count, missing = asked.take()
                    print(f"  {what}: {moved}; {missing} of {count} names not answered", flush=True)

                report("at rest")
                for peer in range(size.peers):
                    s.far.obey(f"restart {peer}")
                    rest(s)
                report("each peer's exchange restarted in turn")
                s.gateway.stop()
                s.gateway.start()
                await_following(s, s.gateway)
                report("our gateway killed and started")
                s.gateway.signal(signal.SIGSTOP)
                time.sleep(STOPPED)
                s.gateway.signal(signal.SIGCONT)
                await_following(s, s.gateway)
                report(f"the importer stopped for {STOPPED} s and continued")
                everything_arrived(s)
                replaced(s, goings, withdrawn)
                report("its successor has the Lease, services were withdrawn, and the old one continued")
    except LabError as e:
        raise CommandFailed(str(e)) from e


def await_following(s: Setting, gateway: Gateway) -> None:
    """Until what a peer changes is here again."""
    s.far.obey("change 1000 1")
    service, version, _ = (s.far.directory / "changes").read_text().split()
    await_fact("a change is followed", 120, lambda: gateway.pid and s.sights.newest(service) >= int(version), interval=0.1)


def replaced(s: Setting, goings: list[Goings], count: int) -> None:
    """The old importer stands still while another pod takes over and peers withdraw; then it goes on with all it remembers."""
    port = int(s.server.api.server.rpartition(":")[2])
    with successor(s.gateway, s.far.directory, port) as second:
        s.gateway.signal(signal.SIGSTOP)
        begin = time.monotonic()
        second.start()
        await_following(s, second)
        took = time.monotonic() - begin
        s.far.obey(f"withdraw {count}")
        api = s.server.api.another()
        await_fact("the successor has removed what was withdrawn", 60,
                   lambda: second.pid and len(api.list(IMPORTS)) == s.size.names - count, interval=0.5)
        deleted = {g.kind: g.take() for g in goings}
        if (left := STOPPED - (time.monotonic() - begin)) > 0:
            time.sleep(left)
        s.gateway.signal(signal.SIGCONT)
        worst = 0
        end = time.monotonic() + 20
        while time.monotonic() < end:
            worst = max(worst, len(api.list(IMPORTS)) - (s.size.names - count))
            time.sleep(0.25)
        print(f"  a successor took over after {took:.0f} s and removed {count} withdrawn services ({deleted});"
              f" resurrected by the old one within 20 s: {worst} imports")


@contextlib.contextmanager
def watched(s: Setting) -> Iterator[list[Goings]]:
    goings = [Goings("slices"), Goings("imports"), Goings("derived Services")]
    api = s.server.api
    watches = [Watch(api, SLICES, goings[0], labelSelector=OURS), Watch(api, IMPORTS, goings[1]),
               Watch(api, SERVICES, goings[2], labelSelector="tombolo.io/derived=true")]
    try:
        yield goings
        for watch in watches:
            watch.check()
    finally:
        for watch in watches:
            watch.close()


@contextlib.contextmanager
def names(s: Setting, withdrawn: int) -> Iterator[Names]:
    """Those that are never withdrawn."""
    api = s.server.api.another()
    found = sorted((i["metadata"]["name"], i["metadata"]["namespace"]) for i in api.list(IMPORTS))
    kept = found[: s.size.services - withdrawn] + found[s.size.services :]
    with nameservers.tombolo(Path(s.far.directory), max(os.sched_getaffinity(0)), s.server) as server:
        domains = [f"{name}.{namespace}.svc.{ZONE}" for name, namespace in kept]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            one.settimeout(1)
            one.connect(("127.0.0.1", server.port))
            await_fact("the name server answers", 120, lambda: asks(one, domains[0]) and asks(one, domains[-1]))
        asked = Names(server.port, domains)
        try:
            yield asked
        finally:
            asked.close()


def asks(s: socket.socket, domain: str) -> bool:
    with contextlib.suppress(OSError):
        return answered(s, 7, domain)
    return False
