"""Plain WireGuard between the two gateway nodes: what Tombolo is held against. The same implementation as the gateways'
lanes: the kernel's where it has one, else the wireguard-go of our image."""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from .clusters import EAST, LAB, WEST, CommandFailed, node_address, on, run, started_on

PORT = 51999
ADDRESSES = {WEST: "192.0.2.1", EAST: "192.0.2.2"}  # TEST-NET-1: nobody else's


def _device(cluster: str) -> str:
    return f"bench-{cluster}"  # unique on the machine: wireguard-go's sockets are shared by its network namespaces


@contextlib.contextmanager
def tunnel(gateways: dict[str, str], mtu: str) -> Iterator[str]:
    """A tunnel between the gateway nodes for as long as the block runs; gives east's address in it."""
    keys = {c: run("wg", "genkey").strip() for c in gateways}
    public = {c: run("wg", "pubkey", input=keys[c].encode()).strip() for c in gateways}
    processes: list[subprocess.Popen[bytes]] = []
    with tempfile.TemporaryDirectory() as directory:
        try:
            wireguard_go = run(LAB, "prepare", "--print-wireguard-go").strip()
            for cluster, peer in ((WEST, EAST), (EAST, WEST)):
                node, device = gateways[cluster], _device(cluster)
                with contextlib.suppress(CommandFailed):
                    on(node, "ip", "link", "del", device)  # of a run that was killed
                try:
                    on(node, "ip", "link", "add", device, "type", "wireguard")
                except CommandFailed:
                    processes.append(started_on(node, wireguard_go, "-f", device))
                    _await_device(node, device)
                endpoint = f"{node_address(peer, gateways[peer])}:{PORT}"
                config = Path(directory) / cluster
                config.touch(mode=0o600)
                config.write_text(
                    f"[Interface]\nPrivateKey = {keys[cluster]}\nListenPort = {PORT}\n"
                    f"[Peer]\nPublicKey = {public[peer]}\nEndpoint = {endpoint}\nAllowedIPs = {ADDRESSES[peer]}/32\n")
                on(node, "wg", "setconf", device, str(config))
                on(node, "ip", "address", "add", f"{ADDRESSES[cluster]}/24", "dev", device)
                on(node, "ip", "link", "set", device, "mtu", mtu, "up")
            yield ADDRESSES[EAST]
        finally:
            for cluster, node in gateways.items():
                with contextlib.suppress(CommandFailed):
                    on(node, "ip", "link", "del", _device(cluster))
            for process in processes:
                process.terminate()
                process.wait()


def _await_device(node: str, device: str) -> None:
    end = time.monotonic() + 10
    while True:
        try:
            on(node, "wg", "show", device, "public-key")
            return
        except CommandFailed:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
