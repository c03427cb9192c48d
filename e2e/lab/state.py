"""What is written down while a lab is up, and the lock that makes changes to it one at a time.

Everything a lab writes lies in one directory on tmpfs (etcd's data too, which saves its fsync). A sealed lab has a
/dev/shm of its own, so the same path is another place there.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .kernel import Process
from .progress import LabError, await_fact
from .topology import Topology

RUN = Path("/dev/shm/tombolo-lab")
SEAL_VARIABLE = "TOMBOLO_LAB_SEAL"  # set inside a sealed world: its name
MARK_VARIABLE = "TOMBOLO_LAB"  # in the environment of every process of a lab
LABEL = "tombolo-lab"  # alias of `lo` in our network namespaces; prefix of our cgroups
_FILE = RUN / "state.json"
_WRITING = threading.Lock()


def identity() -> str:
    """The name of the lab of this world: names its cgroups, which sealed worlds share."""
    return os.environ.get(SEAL_VARIABLE) or LABEL


@dataclass
class State:
    """A lab that is coming up or up; `processes` are the pid 1 of its machines, by machine name."""

    topology: Topology
    up: bool = False
    processes: dict[str, Process] = field(default_factory=dict)

    def save(self) -> None:
        """Writes it whole or not at all."""
        with _WRITING:
            RUN.mkdir(mode=0o755, exist_ok=True)
            new = _FILE.with_suffix(".new")
            new.write_text(
                json.dumps(
                    {
                        "topology": self.topology.to_json(),
                        "up": self.up,
                        "processes": {name: [p.pid, p.started] for name, p in self.processes.items()},
                    },
                    indent=1,
                )
            )
            os.replace(new, _FILE)

    def running(self) -> dict[str, Process]:
        return {name: process for name, process in self.processes.items() if process.lives()}


def load() -> State | None:
    """The state of the lab of this world; None where there is no lab, or only an unreadable rest of one."""
    try:
        value = json.loads(_FILE.read_text())
        return State(
            Topology.from_json(value["topology"]),
            value["up"],
            {name: Process(*fields) for name, fields in value["processes"].items()},
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def require() -> State:
    """The state of a lab that is up."""
    state = load()
    if state is None or not state.up:
        raise LabError("no lab is up here; start one with: e2e/lab/lab up")
    return state


@contextlib.contextmanager
def exclusive(seconds: float = 120) -> Iterator[None]:
    """One change at a time. The lock is an abstract socket: it vanishes with its holder and is apart per network namespace."""
    lock = socket.socket(socket.AF_UNIX)

    def taken() -> bool:
        try:
            lock.bind("\0" + LABEL)
            return True
        except OSError:
            return False

    with lock:
        await_fact("another lab command is at work here", seconds, taken)
        yield


def machine_directory(machine: str) -> Path:
    """Logs and configuration of a machine."""
    return RUN / machine


def cluster_directory(cluster: str) -> Path:
    """Keys, tokens, kubeconfigs and etcd's data of a cluster."""
    return RUN / cluster
