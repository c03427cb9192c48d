"""What of a lab is still there, found by marks and not by what was written down; and the removal of all of it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from . import cgroups, kernel, network, sealed, state
from .kernel import Process
from .progress import LabError
from .state import LABEL, MARK_VARIABLE, RUN, SEAL_VARIABLE


def remove(*, keep_images: bool = False) -> None:
    """Takes the lab of this world down, in whatever state it is. Images registered for a coming lab can be kept."""
    stubborn = kernel.kill_all(_processes())
    if stubborn:
        raise LabError(f"killed, but not gone after 20 s: {stubborn}")
    known = state.load()
    network.down([] if known is None else known.topology.machines)
    for name in _cgroups():
        cgroups.remove(name)
    for entry in [RUN] if not keep_images else RUN.glob("*"):
        if keep_images and entry.name == "images":
            continue
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink(missing_ok=True)


def find() -> list[str]:
    """One line for each thing of a lab that exists in this world; none when all is gone."""
    found = [f"process {p.pid}: {_command(p.pid)}" for p in _processes()]
    found += network.leftovers()
    found += [f"cgroup {name}" for name in _cgroups()]
    mounts = Path("/proc/self/mountinfo").read_text().splitlines()
    found += [f"mount {line.split()[4]}" for line in mounts if str(RUN) in line]
    return found + [f"file {path}" for path in [RUN, *RUN.rglob("*")] if path.exists()]


def _processes() -> list[Process]:
    """Every pid 1 of a machine, and whatever else bears the mark of this world's lab."""
    mark = f"{MARK_VARIABLE}={state.identity()}".encode()
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit() and int(entry) != os.getpid():
            try:
                marked = mark in Path("/proc", entry, "environ").read_bytes().split(b"\0")
            except OSError:
                continue  # it has ended
            process = Process.of(int(entry)) if marked else None
            if process is not None:
                found.append(process)
    return found


def _cgroups() -> list[str]:
    """Of an open world also those of sealed worlds that are no more."""
    own = [name for name in cgroups.ours(LABEL) if name == state.identity()]
    stale = [] if SEAL_VARIABLE in os.environ else [name for name in cgroups.ours(f"{LABEL}-") if not sealed.lives(name)]
    return own + stale


def _command(pid: int) -> str:
    try:
        return Path("/proc", str(pid), "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")[:100]
    except OSError:
        return "(ended)"
