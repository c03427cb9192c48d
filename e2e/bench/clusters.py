"""The lab's clusters, and commands on their machines and in their pods."""

from __future__ import annotations

import json
import pathlib
import shlex
import subprocess
from typing import Any

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
LAB = str(REPOSITORY / "e2e/lab/lab")
WEST, EAST = "west", "east"
SYSTEM = "tombolo-system"


class CommandFailed(Exception):
    """A command that the benchmark depends on ended badly; the message has its words and its last output."""


def run(*command: str, input: bytes | None = None, timeout: float = 120) -> str:
    try:
        done = subprocess.run(command, input=input, stdin=None if input is not None else subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout, check=False)
    except subprocess.TimeoutExpired as e:
        raise CommandFailed(f"{shlex.join(command)}: no end within {timeout} s") from e
    if done.returncode != 0:
        raise CommandFailed(f"{shlex.join(command)}: status {done.returncode}: {done.stderr.decode(errors='replace')[-600:].strip()}")
    return done.stdout.decode()


def are_up() -> bool:
    return subprocess.run([LAB, "status"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0


def sealed_after_demo(arguments: list[str]) -> int:
    command = f"{shlex.quote(str(REPOSITORY / 'e2e/demo'))} && exec {shlex.join([str(REPOSITORY / 'e2e/bench/bench'), *arguments[1:]])}"
    return sealed("bash", "-c", command)


def sealed(*command: str) -> int:
    """Runs the command in a world of its own, of which nothing stays."""
    return subprocess.run([LAB, "sealed", *command], check=False).returncode


def kubectl(cluster: str, *arguments: str, input: bytes | None = None, timeout: float = 120) -> str:
    return run(LAB, "kubectl", cluster, *arguments, input=input, timeout=timeout)


def get(cluster: str, *arguments: str) -> Any:
    return json.loads(kubectl(cluster, "get", *arguments, "-o", "json"))


def on(machine: str, *command: str) -> str:
    """Runs a command in a node's namespaces."""
    return run(LAB, "exec", machine, *command)


def started_on(machine: str, *command: str) -> subprocess.Popen[bytes]:
    """Starts a command in a node's namespaces; it ends when the caller ends it."""
    return subprocess.Popen([LAB, "exec", machine, *command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def gateway_node(cluster: str) -> str:
    return str(get(cluster, "-n", SYSTEM, "pod", "tombolo-gateway-0")["spec"]["nodeName"])


def other_node(cluster: str, gateway: str) -> str:
    """A node that runs no gateway."""
    names = sorted(n["metadata"]["name"] for n in get(cluster, "nodes")["items"])
    others = [n for n in names if n != gateway]
    if not others:
        raise CommandFailed(f"{cluster} has no node beside {gateway}: e2e/lab/lab up --nodes 2")
    return others[0]


def node_address(cluster: str, node: str) -> str:
    addresses = get(cluster, "node", node)["status"]["addresses"]
    return str(next(a["address"] for a in addresses if a["type"] == "InternalIP"))
