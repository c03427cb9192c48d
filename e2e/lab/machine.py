"""Machines: process trees with namespaces of their own, started, stopped, entered.

A machine's pid 1 is this module, run by `lab _machine NAME`. It lives as long as the machine; killing it is cutting the
power: the kernel kills every process of its pid namespace and drops the mounts.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from . import cgroups, kernel, network
from .kernel import Process
from .progress import LabError, at_once
from .state import MARK_VARIABLE, State, identity, machine_directory
from .topology import WAN

_ENTRY = Path(__file__).with_name("lab")


@dataclass(frozen=True)
class Daemon:
    """A program that a machine runs; its output goes to NAME.log in the machine's directory.

    One with a `configure`, which writes the files that it reads, is ended, configured and started again when the machine's
    pid 1 gets SIGHUP. In this order: kube-proxy for one ends by itself as soon as it sees its file change.
    """

    name: str
    argv: list[str]
    configure: Callable[[], None] | None = None


def start(state: State, machine: str) -> None:
    """Starts the pid 1 of a machine whose network namespace is there, written down before it does anything that lasts."""
    home = machine_directory(machine)
    home.mkdir(exist_ok=True)
    with open(home / "machine.log", "ab") as log:
        outer = subprocess.Popen(
            [sys.executable, str(_ENTRY), "_machine", machine],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
            cwd="/",
            env=os.environ | {MARK_VARIABLE: identity()},
        )
    assert outer.stdin and outer.stdout
    with outer.stdin, outer.stdout:
        answer = outer.stdout.readline()
        outer.wait()
        process = Process.of(int(answer)) if answer else None
        if process is None:
            raise LabError(f"machine {machine} did not start: {(home / 'machine.log').read_text()[-2000:]}")
        state.processes[machine] = process
        state.save()
        outer.stdin.write(b"go\n")


def become(machine: str, state: State) -> None:
    """What `lab _machine` does: forks the pid 1, prints its pid, and returns no more in pid 1."""
    kernel.enter(str(network.NAMESPACES / machine), kernel.CLONE_NEWNET)
    kernel.unshare(kernel.CLONE_NEWNS | kernel.CLONE_NEWUTS | kernel.CLONE_NEWIPC | kernel.CLONE_NEWPID)
    child = os.fork()
    if child:
        print(child, flush=True)
        return
    if not os.read(0, 16):  # the starter died before it had written us down
        os._exit(1)
    with open(os.devnull, "r+b") as null:
        os.dup2(null.fileno(), 0)
    os.dup2(2, 1)
    try:
        kernel.mount("none", "/", "", kernel.MS_REC | kernel.MS_PRIVATE)
        kernel.mount("proc", "/proc", "proc")
        kernel.mount("none", "/", "", kernel.MS_REC | kernel.MS_SHARED)  # so that mountPropagation works within the machine
        socket.sethostname(machine)
        _run(machine, state)
    finally:
        os._exit(1)


def _run(machine: str, state: State) -> None:
    from . import controlplane, node  # they need Daemon

    cluster = state.topology.cluster_of(machine)
    cgroup = cgroups.make(machine)
    cgroups.join(machine)
    network.write_settings({
        **network.FORWARDING,
        "net/ipv4/conf/all/rp_filter": 0,
        "net/ipv4/conf/default/rp_filter": 0,
        "net/ipv4/ip_unprivileged_port_start": 0,
    })  # fmt: skip
    if machine == cluster.control_plane:
        stages = controlplane.stages(cluster, state.topology.fast)
    else:
        stages = node.stages(cluster, next(n for n in cluster.nodes if n.name == machine), cgroup)
    running: dict[int, tuple[Daemon, subprocess.Popen]] = {}  # the objects are kept: a forgotten one reaps its process unasked
    renewed: set[int] = set()

    def launch(daemon: Daemon) -> None:
        if daemon.configure:
            daemon.configure()
        with open(machine_directory(machine) / f"{daemon.name}.log", "ab") as log:
            process = subprocess.Popen(
                daemon.argv, stdout=log, stderr=log, cwd="/", preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_SETMASK, [])
            )
        running[process.pid] = daemon, process

    def reap() -> None:  # pid 1 inherits every orphan, the shims of the containers among them
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                pid, status = ended
                if pid not in running:
                    continue
                daemon, _ = running.pop(pid)
                print(f"{daemon.name} ended: {os.waitstatus_to_exitcode(status)}", file=sys.stderr, flush=True)
                if pid in renewed:
                    launch(daemon)
                else:
                    (machine_directory(machine) / f"{daemon.name}.ended").touch()

    for daemon in stages:
        launch(daemon)
    awaited = {signal.SIGCHLD, signal.SIGHUP}
    signal.pthread_sigmask(signal.SIG_BLOCK, awaited)  # and taken one by one, so that none comes at a bad moment
    reap()
    while True:
        if signal.sigwait(awaited) == signal.SIGCHLD:
            reap()
        else:
            for pid, (daemon, _) in running.items():
                if daemon.configure:
                    renewed.add(pid)
                    os.kill(pid, signal.SIGTERM)


def stop(state: State, machines: list[str]) -> None:
    """Cuts the power of these machines and takes them off the network."""
    processes = [state.processes[m] for m in machines if m in state.processes]
    stubborn = kernel.kill_all(processes)
    if stubborn:
        raise LabError(f"killed, but not gone after 20 s: {stubborn}")
    for machine in machines:
        cgroups.remove(f"{identity()}/{machine}")
    network.disconnect(machines)
    for machine in machines:
        for mark in machine_directory(machine).glob("*.ended"):
            mark.unlink()
        state.processes.pop(machine, None)
    state.save()


def renew(state: State, machines: list[str]) -> None:
    """Has the daemons of running machines that can be configured start again, for what the lab's state says; returns at once."""
    for machine in machines:
        os.kill(state.processes[machine].pid, signal.SIGHUP)


def ended(machine: str) -> list[str]:
    """Daemons of a machine that have ended by themselves."""
    return sorted(mark.stem for mark in machine_directory(machine).glob("*.ended"))


def enter(state: State, machine: str, command: list[str]) -> None:
    """Becomes `command` in the namespaces of a machine, or in the WAN router's network namespace; it dies with its caller."""
    argv = _entering(state, machine, command)
    os.execvp(argv[0], argv)


def inside(state: State, machine: str, action: Callable[[], object]) -> None:
    """Calls `action` in a thread of its own that sees the files and mounts of a running machine."""

    def call() -> None:
        kernel.unshare(kernel.CLONE_FS)  # threads that share their working directory may not enter a mount namespace
        kernel.enter(f"/proc/{state.processes[machine].pid}/ns/mnt", kernel.CLONE_NEWNS)
        action()

    at_once([call])


def _entering(state: State, machine: str, command: list[str]) -> list[str]:
    if machine == WAN:
        target = [f"--net={network.NAMESPACES / WAN}"]
    else:
        state.topology.cluster_of(machine)
        process = state.running().get(machine)
        if process is None:
            raise LabError(f"{machine} is not running; start it with: e2e/lab/lab start {machine}")
        target = ["--target", str(process.pid), "--mount", "--uts", "--ipc", "--net", "--pid"]
    # nsenter waits for a child when it joins a pid namespace: without setpriv the child would outlive it
    return ["nsenter", *target, "--", "setpriv", "--pdeathsig", "KILL", "--", *command]
