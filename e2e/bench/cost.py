"""What each role costs: resident memory, and the time from its process's start to its being ready."""

from __future__ import annotations

import json
import os
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
    print("\nstart: from the start of a new pod's process to its being ready, s")
    # the agents say in a file when they are ready, the others are asked by the kubelet every 2 s or less
    roles = {"operator": ("tombolo-operator", None), "dns": ("tombolo-dns", None),
             "node": ("tombolo-node", "/run/tombolo/ready"), "gateway": ("tombolo-gateway", "/run/tombolo/ready")}
    for role, (prefix, file) in roles.items():
        try:
            print(f"  {role:14} {seconds_to_ready(WEST, prefix, file):.1f}", flush=True)
        except CommandFailed as e:
            print(f"  {role:14} not measured: {e}", flush=True)


def seconds_to_ready(cluster: str, prefix: str, file: str | None, limit: float = 120) -> float:
    """Deletes one pod of a workload and times the one that takes its place. The lab's machines share a clock."""
    old = {p["metadata"]["uid"]: p["metadata"]["name"] for p in get(cluster, "-n", SYSTEM, "pods")["items"]
           if p["metadata"]["name"].startswith(prefix)}
    if not old:
        raise CommandFailed(f"no pod {prefix}* in {cluster}")
    watch = subprocess.Popen([LAB, "kubectl", cluster, "-n", SYSTEM, "get", "pods", "-w", "-o", "json"],
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    try:
        kubectl(cluster, "-n", SYSTEM, "delete", "pod", next(iter(old.values())), "--wait=false")
        for pod in events(watch, limit):
            if pod["metadata"]["uid"] in old or not pod["metadata"]["name"].startswith(prefix):
                continue
            if any(c["type"] == "Ready" and c["status"] == "True" for c in pod["status"].get("conditions", [])):
                seen = time.clock_gettime(time.CLOCK_BOOTTIME)
                name = pod["metadata"]["name"]
                started = int(kubectl(cluster, "-n", SYSTEM, "exec", "-q", name, "--", "cut", "-d ", "-f22", "/proc/1/stat"))
                if file:
                    written = float(kubectl(cluster, "-n", SYSTEM, "exec", "-q", name, "--", "stat", "-c", "%.3Y", file))
                    seen = written - (time.time() - time.clock_gettime(time.CLOCK_BOOTTIME))
                return seen - started / os.sysconf("SC_CLK_TCK")
        raise CommandFailed(f"no new pod {prefix}* was ready within {limit:.0f} s")
    finally:
        watch.terminate()
        watch.wait()


def events(watch: subprocess.Popen[bytes], limit: float) -> Iterator[Any]:
    """Each object of a stream of JSON."""
    assert watch.stdout is not None
    decoder, text, end = json.JSONDecoder(), "", time.monotonic() + limit
    while (left := end - time.monotonic()) > 0:
        if not select.select([watch.stdout], [], [], left)[0]:
            return
        chunk = watch.stdout.read1()
        if not chunk:
            return
        text += chunk.decode()
        while text := text.lstrip():
            try:
                value, length = decoder.raw_decode(text)
            except json.JSONDecodeError:
                break  # the rest is still to come
            text = text[length:]
            yield value
