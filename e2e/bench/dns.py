"""One core for the name server, one for the load: Tombolo, CoreDNS with its multicluster option and Knot in turn, so that
whatever else the machine does meets all alike."""

from __future__ import annotations

import os
import re
import shutil
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path

from lab.progress import LabError, await_fact

from . import nameservers
from .apiserver import api_server
from .clusters import CommandFailed, run
from .nameservers import Server, Service

NAMES = 5000
OUTSTANDING = 100  # fits any socket's buffer: what is lost was not lost for want of one
FLOOR_RATE = 2000  # leaves both cores idle: what then takes long is the machine's


@dataclass(frozen=True)
class Measured:
    per_second: float
    lost: int
    sent: int
    cpu_micros: float  # of the server, for one query
    p99_millis: float


def run_rounds(rounds: int, seconds: float) -> None:
    if not shutil.which("dnsperf"):
        raise CommandFailed("dnsperf is missing: e2e/packages --tests")
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise CommandFailed("two cores are needed: one for the server, one for the load")
    wanted = nameservers.services(NAMES)
    try:
        with tempfile.TemporaryDirectory(prefix="bench-dns-") as path, api_server(Path(path)) as api:
            directory = Path(path)
            print(f"importing {NAMES} services", flush=True)
            nameservers.import_all(api, wanted)
            load = directory / "queries"
            load.write_text("".join(f"{s.domain} A\n" for s in wanted))
            with (nameservers.tombolo(directory, cores[0], api) as ours, nameservers.coredns(directory, cores[0], api) as coredns,
                  nameservers.knot(directory, cores[0], wanted) as knot):
                servers = [ours, coredns, knot]
                for server in servers:
                    await_fact(f"{server.name} knows all names", 120, lambda s=server: knows(s, wanted[0]) and knows(s, wanted[-1]))
                api.stop()
                measure(servers, load, cores[1], rounds, seconds)
    except LabError as e:
        raise CommandFailed(str(e)) from e


def measure(servers: list[Server], load: Path, core: int, rounds: int, seconds: float) -> None:
    for server in servers:
        asked(server, load, core, seconds, None)  # warm
    full = in_turn(servers, rounds, lambda s: asked(s, load, core, seconds, None))
    half = {s.name: median(full[s.name], "per_second") / 2 for s in servers}
    paced = in_turn(servers, rounds, lambda s: asked(s, load, core, seconds, half[s.name]))
    floor = [asked(servers[-1], load, core, seconds, FLOOR_RATE) for _ in range(rounds)]
    print_table(full, paced, half)
    print(f"this machine: {servers[-1].name} at {FLOOR_RATE} queries/s has a p99 of {p99s(floor)} ms; no server can be below that here")


def in_turn(servers: list[Server], rounds: int, measure_one) -> dict[str, list[Measured]]:
    """Another one first in every round, so that none always finds the machine as the same other left it."""
    results: dict[str, list[Measured]] = {s.name: [] for s in servers}
    for i in range(rounds):
        for k in range(len(servers)):
            server = servers[(i + k) % len(servers)]
            results[server.name].append(measure_one(server))
    return results


def asked(server: Server, load: Path, core: int, seconds: float, rate: float | None) -> Measured:
    """As fast as it answers, or at a rate. Single round trips are only written down at a rate: that costs the load's core."""
    command = ["taskset", "-c", str(core), "dnsperf", "-s", "127.0.0.1", "-p", str(server.port), "-d", str(load),
               "-l", str(seconds), "-q", str(OUTSTANDING), "-c", "4", "-t", "1"]
    if rate is not None:
        command += ["-Q", str(int(rate)), "-v"]
    written = load.with_suffix(".out")
    before = server.cpu_seconds()
    # into a file: who read a pipe meanwhile might do so on the server's core
    run("sh", "-c", f'exec "$@" >{written}', "sh", *command)
    cpu = server.cpu_seconds() - before
    said = written.read_text()
    sent, completed, lost = (int(number(said, f"Queries {what}:")) for what in ("sent", "completed", "lost"))
    codes = re.findall(r"Response codes:\s+(.*)", said)
    if not codes or not re.fullmatch(r"NOERROR \d+ \(100\.00%\)", codes[0].strip()):
        raise CommandFailed(f"{server.name} answered {codes}, expected NOERROR only")
    micros = sorted(float(t) for t in re.findall(r"^> NOERROR \S+ A (\S+)$", said, re.MULTILINE)) if rate else [0]
    return Measured(number(said, "Queries per second:"), lost, sent, cpu * 1e6 / completed, micros[len(micros) * 99 // 100] * 1e3)


def number(text: str, label: str) -> float:
    found = re.search(rf"{re.escape(label)}\s+([\d.]+)", text)
    if not found:
        raise CommandFailed(f"dnsperf does not say '{label}': {text[-600:]}")
    return float(found[1])


def knows(server: Server, service: Service) -> bool:
    query = f"{service.domain} A\n".encode()
    return "NOERROR 1 (100.00%)" in run("dnsperf", "-s", "127.0.0.1", "-p", str(server.port), "-n", "1", "-t", "1", input=query)


def median(measured: list[Measured], field: str) -> float:
    return statistics.median(getattr(m, field) for m in measured)


def p99s(measured: list[Measured]) -> str:
    return f"{median(measured, 'p99_millis'):.2f} ({min(m.p99_millis for m in measured):.2f}-{max(m.p99_millis for m in measured):.2f})"


def print_table(full: dict[str, list[Measured]], paced: dict[str, list[Measured]], half: dict[str, float]) -> None:
    print(f"\n{NAMES} names, A over UDP, {OUTSTANDING} outstanding, one core for the server and one for dnsperf; medians of {len(full['Tombolo'])} rounds in turn")
    print(f"{'':10} {'queries/s':>10} {'lost':>6} {'CPU µs/query':>13} {'Tombolo is':>11}   {'at half: q/s':>12} {'p99 ms (all)':>20} {'lost':>6}")
    for name, rows in full.items():
        ratio = statistics.median(ours.per_second / theirs.per_second for ours, theirs in zip(full["Tombolo"], rows, strict=True))
        at_half = paced[name]
        print(f"{name:10} {median(rows, 'per_second'):10.0f} {sum(m.lost for m in rows):6} {median(rows, 'cpu_micros'):13.1f} {ratio:10.2f}x"
              f"   {half[name]:12.0f} {p99s(at_half):>20} {sum(m.lost for m in at_half):6}")
    print("targets: at least 2x CoreDNS (multicluster option, no cache plugin) and 0.6x Knot (one UDP worker); p99 at half at most 2 ms, none lost")
    print("a server whose CPU times queries/s stays well below one second waited for the load: the ratio of CPU per query then says more")
