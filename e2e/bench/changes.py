"""Services whose endpoints change at a rate, and when who saw which change. The version of a service's endpoints is the hostname
of its first one, so whoever sees a slice knows how new it is."""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from .apiclient import Api
from .clusters import CommandFailed


def endpoints(first: str, count: int, version: int) -> list[dict[str, Any]]:
    """Ready ones from an address on; the first one is ready with every other version."""
    base = int(ipaddress.ip_address(first))
    found = [{"addresses": [str(ipaddress.ip_address(base + e))], "conditions": {"ready": True}} for e in range(count)]
    found[0] |= {"hostname": f"v{version}", "conditions": {"ready": version % 2 == 0}}
    return found


def version_of(slice_: dict[str, Any]) -> int | None:
    """None of a slice that does not have the endpoint that changes."""
    for endpoint in slice_.get("endpoints") or []:
        name = endpoint.get("hostname") or ""
        if name.startswith("v"):
            return int(name[1:])
    return None


class Sights:
    """When one observer saw each version of each service for the first time."""

    def __init__(self, label: str):
        self.label = label
        self._lock = threading.Lock()
        self._seen: dict[str, list[tuple[int, float]]] = defaultdict(list)
        self.deleted = 0

    def __call__(self, now: float, kind: str, slice_: dict[str, Any]) -> None:
        service = slice_["metadata"].get("labels", {}).get(self.label)
        if service is None:
            return
        service = f"{slice_['metadata']['namespace']}/{service}"
        with self._lock:
            if kind == "DELETED":
                self.deleted += 1
                return
            version = version_of(slice_)
            if version is not None:
                self._seen[service].append((version, now))

    def newest(self, service: str) -> int:
        with self._lock:
            return self._seen[service][-1][0] if self._seen[service] else -1

    def services(self) -> int:
        with self._lock:
            return sum(1 for seen in self._seen.values() if seen)

    def of(self, service: str) -> list[tuple[int, float]]:
        with self._lock:
            return list(self._seen[service])

    def count(self, since: float, until: float) -> int:
        """How many slices came between the two."""
        with self._lock:
            return sum(1 for seen in self._seen.values() for _, at in seen if since <= at < until)

    def after(self, service: str, version: int) -> float | None:
        """When this version, or one that replaced it, was seen."""
        with self._lock:
            return next((at for seen, at in self._seen[service] if seen >= version), None)

    def backwards(self) -> int:
        """How often an older version followed a newer one."""
        with self._lock:
            return sum(1 for seen in self._seen.values() for (a, _), (b, _) in zip(seen, seen[1:]) if b < a)


class Changes:
    """When each version of each service was made."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: list[tuple[str, int, float]] = []

    def made(self, service: str, version: int, at: float) -> None:
        with self._lock:
            self._made.append((service, version, at))

    def newest(self) -> dict[str, int]:
        with self._lock:
            return {service: version for service, version, _ in self._made}

    def delays(self, seen: Sights) -> list[float]:
        """Milliseconds from each change to the sight of it, or of what replaced it; CommandFailed where one was never seen."""
        with self._lock:
            made = list(self._made)
        result = []
        for service, version, at in made:
            sight = seen.after(service, version)
            if sight is None:
                raise CommandFailed(f"version {version} of {service} was never seen: {seen.label}")
            result.append((sight - at) * 1e3)
        return result

    def behind(self, seen: Sights) -> list[tuple[float, int]]:
        """How many services were not yet seen as they were, after each change and each sight, by time."""
        with self._lock:
            events = [(at, service, version, True) for service, version, at in self._made]
        events += [(at, service, version, False) for service in self.newest() for version, at in seen.of(service)]
        made: dict[str, int] = {}
        sight: dict[str, int] = {}
        late: set[str] = set()
        result = []
        for at, service, version, is_made in sorted(events):
            known = made if is_made else sight
            known[service] = max(version, known.get(service, 0))
            if made.get(service, 0) > sight.get(service, 0):
                late.add(service)
            else:
                late.discard(service)
            result.append((at, len(late)))
        return result


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def paced(api: Api, rate: float, count: int, writers: int, change: Callable[[Api, int], None]) -> float:
    """Calls `change` with 0 … count-1 at an even rate, from as many threads as there may be requests at once, and returns how
    many there were a second: fewer than asked for where the API server is too slow."""
    begin = time.monotonic()
    wrong: list[Exception] = []

    def write(first: int) -> None:
        mine = api.another()
        try:
            for i in range(first, count, writers):
                if (wait := begin + i / rate - time.monotonic()) > 0:
                    time.sleep(wait)
                change(mine, i)
        except Exception as e:  # noqa: BLE001  (raised below)
            wrong.append(e)

    threads = [threading.Thread(target=write, args=[w]) for w in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise wrong[0]
    return count / (time.monotonic() - begin)
