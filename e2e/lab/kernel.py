"""System calls that Python 3.11 has no functions for, through libc; and processes named so that a reused pid is never hit."""

from __future__ import annotations

import ctypes
import os
import select
import signal
from dataclasses import dataclass

_LIBC = ctypes.CDLL(None, use_errno=True)

# linux/sched.h
CLONE_FS = 0x00000200
CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWPID, CLONE_NEWNET = 0x00020000, 0x04000000, 0x08000000, 0x20000000, 0x40000000
# linux/mount.h
MS_RDONLY, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE, MS_SHARED = 1, 32, 4096, 16384, 1 << 18, 1 << 20
_PR_SET_PDEATHSIG = 1


def _check(result: int, what: str) -> None:
    if result != 0:
        errno = ctypes.get_errno()
        raise OSError(errno, f"{what}: {os.strerror(errno)}")


def unshare(flags: int) -> None:
    """unshare(2)."""
    _check(_LIBC.unshare(flags), "unshare")


def enter(namespace: str, kind: int) -> None:
    """setns(2) into the namespace behind the file `namespace`, which must be of `kind` (CLONE_NEW…)."""
    handle = os.open(namespace, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _check(_LIBC.setns(handle, kind), f"setns {namespace}")
    finally:
        os.close(handle)


def mount(source: str, target: str, kind: str, flags: int = 0, options: str = "") -> None:
    """mount(2)."""
    _check(
        _LIBC.mount(source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), options.encode() or None),
        f"mount {kind or 'bind'} {source} on {target}",
    )


def bind_read_only(source: str, target: str) -> None:
    """Bind mount; read-only takes a second call (mount(2), "Remounting")."""
    mount(source, target, "", MS_BIND)
    mount("none", target, "", MS_BIND | MS_REMOUNT | MS_RDONLY)


def die_with_parent() -> None:
    """The calling process gets SIGKILL when the thread that made it ends."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


@dataclass(frozen=True)
class Process:
    """A process by pid and start time (clock ticks since boot, field 22 of /proc/PID/stat)."""

    pid: int
    started: int

    @staticmethod
    def of(pid: int) -> Process | None:
        """The process that has this pid now; None where there is none, or only a zombie."""
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
                fields = file.read().rsplit(")", 1)[1].split()
        except OSError:
            return None
        return None if fields[0] in "ZX" else Process(pid, int(fields[19]))

    def lives(self) -> bool:
        return Process.of(self.pid) == self

    def kill(self) -> int | None:
        """SIGKILL; returns a pidfd that becomes readable at the end of the process, None where it has ended."""
        try:
            handle = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return None
        if not self.lives():
            os.close(handle)
            return None
        signal.pidfd_send_signal(handle, signal.SIGKILL)
        return handle


def kill_all(processes: list[Process], seconds: float = 20) -> list[Process]:
    """Kills all at once, waits for their end, and returns those that still live after `seconds` each."""
    handles = [(process, process.kill()) for process in processes]
    stubborn = []
    for process, handle in handles:
        if handle is not None:
            if not select.select([handle], [], [], seconds)[0]:
                stubborn.append(process)
            os.close(handle)
    return stubborn
