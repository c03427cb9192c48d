"""Another gateway pod of the same cluster, on another node: what a StatefulSet makes when the first one's node is given up."""

from __future__ import annotations

import contextlib
import shlex
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

from lab import network
from lab.progress import await_fact

from .clusters import LAB, run
from .farside import NAMESPACE as PEERS
from .importing import Gateway

NAMESPACE = "successor"
# its own /run, so that its devices and state are apart from the first one's
POD = "mount -t tmpfs run /run && mkdir /run/wireguard /run/tombolo && for d in tbdoor tb0; do {program} -f $d >/run/$d.log 2>&1 & done; exec \"$@\""


@contextlib.contextmanager
def successor(first: Gateway, directory: Path, port: int) -> Iterator[Gateway]:
    """Started by the caller. `port`: of the API server, on this namespace's loopback and on that of the pod's."""
    run("ip", "netns", "add", NAMESPACE)
    run("ip", "link", "add", "next", "type", "veth", "peer", "name", "wan", "netns", NAMESPACE)
    run("ip", "link", "set", "next", "netns", PEERS)
    run("ip", "-n", PEERS, "link", "set", "next", "up")
    run("ip", "-n", PEERS, "addr", "add", "198.51.100.2/24", "dev", "next")
    for command in ("addr add 198.51.100.1/24 dev wan", "link set wan up", "link set lo up", "route add default via 198.51.100.2"):
        run("ip", "-n", NAMESPACE, *command.split())
    program = run(LAB, "prepare", "--print-wireguard-go").strip()
    inside = ("ip", "netns", "exec", NAMESPACE, "sh", "-c", POD.format(program=shlex.quote(program)), "pod")
    with forwarded(port):
        pod = first.beside(directory / "successor.log", "second", inside)
        try:
            yield pod
        finally:
            pod.stop()


@contextlib.contextmanager
def forwarded(port: int) -> Iterator[None]:
    """Connections to the port on the pod's loopback are made to the same port on ours."""
    def listen() -> socket.socket:
        return socket.create_server(("127.0.0.1", port))

    server = network.inside(NAMESPACE, listen)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = server.accept()
                far = socket.create_connection(("127.0.0.1", port))
                for a, b in ((near, far), (far, near)):
                    threading.Thread(target=copy, args=[a, b], daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield
    finally:
        server.close()


def copy(from_: socket.socket, to: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := from_.recv(65_536):
            to.sendall(data)
    for end in (from_, to):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
