"""What each role costs: resident memory, and the time from a container's start to its being ready."""

from __future__ import annotations

import json
import select
import subprocess
import time
from collections.abc import Iterator
from typing import Any

from .clusters import EAST, LAB, SYSTEM, WEST, CommandFailed, get, kubectl, on

# role → (words of its command line, most MiB it may take; none: no target)
PROCESSES: dict[str, tuple[str, int | None]] = {
    "operator": ("operator", 200),
    "gateway": ("io.tombolo.Main gateway", 170),
    "node": ("io.tombolo.Main node", 72),
    "dns": ("io.tombolo.Main dns", 120),
    "wireguard-go": ("wireguard-go", None),
}

# prints "<RSS in KiB> <command line>" of every process of ours that the machine's pid namespace holds
LIST = r"""
for p in /proc/[0-9]*; do
  c=$(tr '\0' ' ' <$p/cmdline 2>/dev/null) || continue
  case $c in /opt/java/bin/java*|wireguard-go*tb*) echo "$(sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' $p/status) $c" ;; esac
done
"""


def print_memory() -> None:
    print("\nresident memory, MiB, under the load above")
    found: dict[str, list[int]] = {role: [] for role in PROCESSES}
    for cluster in (WEST, EAST):
        for node in get(cluster, "nodes")["items"]:
            for line in on(node["metadata"]["name"], "sh", "-c", LIST).splitlines():
                rss, _, command = line.partition(" ")
                role = role_of(command)
                if role and rss:
                    found[role].append(int(rss) // 1024)
    for role, (_, limit) in PROCESSES.items():
        sizes = " ".join(str(s) for s in sorted(found[role])) or "none runs"
        verdict = "" if limit is None else f"at most {limit}: {'kept' if all(s <= limit for s in found[role]) and found[role] else 'NOT KEPT'}"
        print(f"  {role:14} {sizes:32} {verdict}")


def role_of(command: str) -> str | None:
    if command.startswith("wireguard-go"):
        return "wireguard-go"
    words = command.split()
    if "-jar" in words:
        return "operator" if "operator" in words else None
    return next((role for role, (needle, _) in PROCESSES.items() if needle in command), None)


def print_starts() -> None:
    print("\nstart: from a container that runs to a pod that is ready, as the API tells it (its probe's period included), s")
    roles = {"operator": "tombolo-operator", "dns": "tombolo-dns", "node": "tombolo-node", "gateway": "tombolo-gateway"}
    for role, prefix in roles.items():
        try:
            print(f"  {role:14} {seconds_to_ready(WEST, prefix):.1f}", flush=True)
        except CommandFailed as e:
            print(f"  {role:14} not measured: {e}", flush=True)


def seconds_to_ready(cluster: str, prefix: str, limit: float = 120) -> float:
    """Deletes one pod of a workload and times the one that takes its place."""
    old = {p["metadata"]["uid"]: p["metadata"]["name"] for p in get(cluster, "-n", SYSTEM, "pods")["items"]
           if p["metadata"]["name"].startswith(prefix)}
    if not old:
        raise CommandFailed(f"no pod {prefix}* in {cluster}")
    watch = subprocess.Popen([LAB, "kubectl", cluster, "-n", SYSTEM, "get", "pods", "-w", "-o", "json"],
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    try:
        kubectl(cluster, "-n", SYSTEM, "delete", "pod", next(iter(old.values())), "--wait=false")
        running: dict[str, float] = {}
        for now, pod in events(watch, limit):
            uid = pod["metadata"]["uid"]
            if uid in old or not pod["metadata"]["name"].startswith(prefix):
                continue
            states = pod["status"].get("containerStatuses", [])
            if states and all("running" in s["state"] for s in states):
                running.setdefault(uid, now)
            ready = any(c["type"] == "Ready" and c["status"] == "True" for c in pod["status"].get("conditions", []))
            if ready and uid in running:
                return now - running[uid]
        raise CommandFailed(f"no new pod {prefix}* was ready within {limit:.0f} s")
    finally:
        watch.terminate()
        watch.wait()


def events(watch: subprocess.Popen[bytes], limit: float) -> Iterator[tuple[float, Any]]:
    """Each object of a stream of JSON with the time it came."""
    assert watch.stdout is not None
    decoder, text, end = json.JSONDecoder(), "", time.monotonic() + limit
    while (left := end - time.monotonic()) > 0:
        if not select.select([watch.stdout], [], [], left)[0]:
            return
        chunk = watch.stdout.read1()
        if not chunk:
            return
        now = time.monotonic()
        text += chunk.decode()
        while text := text.lstrip():
            try:
                value, length = decoder.raw_decode(text)
            except json.JSONDecodeError:
                break  # the rest is still to come
            text = text[length:]
            yield now, value
