"""The cgroups of a lab: one per world, below it one per machine, with its daemons in one and its kubelet's pods in another.

So processors are shared as among machines: where all want more than there is, each machine has as much as another, and pods
as much of it as their requests say, beside their own machine's daemons and not beside everybody's. Worlds share the host's
cgroups, so the name says whose they are (see sealed.py). Version 1 and version 2 both.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from .progress import await_fact
from .state import identity

_ROOT = Path("/sys/fs/cgroup")
_UNIFIED = (_ROOT / "cgroup.controllers").exists()
# a lab has the processors of several machines: against what else the host runs, which is mostly what drives the lab
_SHARE = 8


def make(machine: str) -> str:
    """Makes the cgroup of a machine in every hierarchy; returns its path below the root of each, as a kubelet wants it."""
    path = f"{identity()}/{machine}"
    for hierarchy in _hierarchies():
        if not _UNIFIED and not (hierarchy / "cgroup.procs").exists():
            continue
        (hierarchy / path).mkdir(parents=True, exist_ok=True)
        for level in (hierarchy / identity(), hierarchy / path):
            if _UNIFIED:
                wanted = (level.parent / "cgroup.controllers").read_text().split()
                (level.parent / "cgroup.subtree_control").write_text(" ".join(f"+{name}" for name in wanted))
            for name in ("cpuset.cpus", "cpuset.mems"):  # of version 1: empty in a new cgroup, which then refuses every task
                if not _UNIFIED and (level / name).exists():
                    (level / name).write_text((level.parent / name).read_text())
    for name, one in (("cpu.shares", 1024), ("cpu.weight", 100)):  # of version 1 and 2, each with what a new cgroup has
        for top in _named(identity()):
            if (top / name).exists():
                (top / name).write_text(str(_SHARE * one))
    return f"/{path}"


def join(machine: str) -> None:
    """Puts the calling process, and all that it starts, among the daemons of a machine that was made."""
    for top in _named(f"{identity()}/{machine}"):
        if _UNIFIED or (top / "cpu.shares").exists():
            daemons = top / "daemons"
            daemons.mkdir(exist_ok=True)
            (daemons / "cgroup.procs").write_text("0")


def remove(name: str, seconds: float = 20) -> None:
    """Removes a cgroup below the roots, and all below it, as soon as the kernel has let go of the dead in it."""

    def gone() -> bool:
        for top in _named(name):
            for directory in [*sorted((d for d in top.rglob("*") if d.is_dir()), reverse=True), top]:
                try:
                    directory.rmdir()
                except FileNotFoundError:
                    continue
                except OSError:
                    return False  # a process in it is still on its way out
        return not any(_named(name))

    await_fact(f"cgroup {name} empties", seconds, gone, interval=0.02, detail=lambda: f"processes: {_processes(name)}")


def ours(prefix: str) -> list[str]:
    """Names of the cgroups right below the roots that begin so."""
    return sorted({entry.name for hierarchy in _hierarchies() for entry in hierarchy.glob(f"{prefix}*") if entry.is_dir()})


def _hierarchies() -> list[Path]:
    return [_ROOT] if _UNIFIED else [entry for entry in _ROOT.iterdir() if entry.is_dir() and not entry.is_symlink()]


def _named(name: str) -> Iterator[Path]:
    return (hierarchy / name for hierarchy in _hierarchies() if (hierarchy / name).is_dir())


def _processes(name: str) -> set[str]:
    return {pid for top in _named(name) for file in top.rglob("cgroup.procs") for pid in file.read_text().split()}
