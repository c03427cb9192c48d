"""A private world for a whole lab: network, mount, pid and ipc namespaces of its own, so that nothing of it can stay.

Whatever ends the command, or this one, the kernel ends every process in there and drops its namespaces and mounts. Only
cgroups belong to the whole machine: a small process outside waits for the end and removes them.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

from . import cgroups, kernel
from .kernel import Process
from .state import LABEL, SEAL_VARIABLE


def run(command: list[str]) -> int:
    """Runs the command in a new world and returns its exit code. That world has no way out to any network."""
    me = Process.of(os.getpid())
    assert me
    outer = os.environ.get(SEAL_VARIABLE)  # a world in a world: its pids mean nothing outside, so the outer one's name leads
    name = f"{f'{outer}.' if outer else f'{LABEL}-'}{me.pid}-{me.started}"
    watched, held = os.pipe()  # the write end is ours alone: closed by our end, in whatever way
    cleaner = os.fork()
    if cleaner == 0:
        os.close(held)
        _clean_after(watched, name)
    os.close(watched)
    kernel.unshare(kernel.CLONE_NEWNET | kernel.CLONE_NEWNS | kernel.CLONE_NEWIPC | kernel.CLONE_NEWPID)
    first = os.fork()
    if first == 0:
        kernel.die_with_parent()
        os.close(held)
        _be_first(name, command)
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, lambda *_: os.kill(first, signal.SIGKILL))
    _, status = os.waitpid(first, 0)
    os.close(held)
    os.waitpid(cleaner, 0)
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def lives(name: str) -> bool:
    """Whether the world whose cgroup has this name still exists, or the one that it is in."""
    try:
        pid, started = name.removeprefix(f"{LABEL}-").split(".")[0].split("-")
        return Process(int(pid), int(started)).lives()
    except ValueError:
        return False


def _clean_after(watched: int, name: str) -> None:
    try:
        os.setsid()
        with open(os.devnull, "r+b") as null:
            os.dup2(null.fileno(), 0)
            os.dup2(null.fileno(), 1)
        select.select([watched], [], [])
        for left in cgroups.ours(name):
            if left == name or left.startswith(f"{name}."):
                cgroups.remove(left)
        os._exit(0)
    finally:
        os._exit(1)


def _be_first(name: str, command: list[str]) -> None:
    """Pid 1 of the new world: runs the command, reaps orphans, and ends with the command."""
    code = 1
    try:
        kernel.mount("none", "/", "", kernel.MS_REC | kernel.MS_PRIVATE)
        kernel.mount("proc", "/proc", "proc")
        kernel.mount("tmpfs", "/run", "tmpfs", options="mode=755")
        kernel.mount("tmpfs", "/dev/shm", "tmpfs", options="mode=1777")
        for directory in ("/run/netns", "/run/lock"):
            Path(directory).mkdir()
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        child = subprocess.Popen(command, env=os.environ | {SEAL_VARIABLE: name})  # kept: a forgotten one is reaped unasked
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the command's affair
        while True:
            with contextlib.suppress(InterruptedError):
                pid, status = os.wait()
                if pid == child.pid:
                    ended = os.waitstatus_to_exitcode(status)
                    code = ended if ended >= 0 else 128 - ended
                    break
    except OSError as wrong:
        print(f"lab: {wrong}", file=sys.stderr)
    finally:
        sys.stdout.flush()
        os._exit(code)
