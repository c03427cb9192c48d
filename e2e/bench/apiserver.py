"""A Kubernetes API server without nodes, on loopback, for those that read their names from one."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lab import binaries
from lab.progress import LabError, await_fact

from .apiclient import Api
from .clusters import REPOSITORY, CommandFailed, run

TOKEN = "bench"


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@contextlib.contextmanager
def started(name: str, *command: str, log: Path, environment: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A process for as long as the block runs; its output in `log`."""
    with open(log, "wb") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                                   env=os.environ | (environment or {}))
    try:
        yield process
        if process.poll() is not None:
            raise CommandFailed(f"{name} ended: {log.read_text(errors='replace')[-600:].strip()}")
    finally:
        process.send_signal(signal.SIGCONT)  # of `stopped`: a stopped process does not hear that it shall end
        process.terminate()
        process.wait()


class ApiServer:
    def __init__(self, api: Api, kubeconfig: Path, processes: list[subprocess.Popen[bytes]]):
        self.api = api
        self.kubeconfig = kubeconfig
        self._processes = processes

    def create(self, objects: list[tuple[str, dict[str, Any]]]) -> None:
        """Each at its path, one after the other on one connection: kubectl keeps to 50 a second."""
        for path, body in objects:
            self.api.create(path, body)

    def replace(self, path: str, body: dict[str, Any]) -> None:
        self.api.replace(path, body)

    def kubectl(self, *arguments: str, input: bytes | None = None) -> str:
        return run(str(binaries.path("kubectl")), f"--kubeconfig={self.kubeconfig}", *arguments, input=input, timeout=600)

    def stop(self) -> None:
        """Costs no more from here on; whoever watches keeps what it knows."""
        for process in self._processes:
            process.send_signal(signal.SIGSTOP)


@contextlib.contextmanager
def api_server(directory: Path) -> Iterator[ApiServer]:
    """etcd and an API server that lets the bearer of its token do everything, with our CRDs and those of the MCS API."""
    if binaries.missing():
        raise CommandFailed("no Kubernetes here yet: e2e/lab/lab prepare")
    etcd, peer, port = (free_port() for _ in range(3))
    kubeconfig, certificate = directory / "kubeconfig", directory / "certificates/apiserver.crt"
    (directory / "tokens.csv").write_text(f"{TOKEN},admin,admin,system:masters\n")
    run("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-out", f"{directory}/sa.key")
    run("openssl", "pkey", "-in", f"{directory}/sa.key", "-pubout", "-out", f"{directory}/sa.pub")
    kubeconfig.write_text(json.dumps({
        "apiVersion": "v1", "kind": "Config", "current-context": "bench",
        "clusters": [{"name": "bench", "cluster": {
            "server": f"https://127.0.0.1:{port}", "certificate-authority": str(certificate)}}],
        "users": [{"name": "bench", "user": {"token": TOKEN}}],
        "contexts": [{"name": "bench", "context": {"cluster": "bench", "user": "bench"}}],
    }))
    with (
        started("etcd", str(binaries.path("etcd")), f"--data-dir={directory}/etcd", "--unsafe-no-fsync", "--log-level=warn",
                f"--listen-client-urls=http://127.0.0.1:{etcd}", f"--advertise-client-urls=http://127.0.0.1:{etcd}",
                f"--listen-peer-urls=http://127.0.0.1:{peer}", f"--initial-advertise-peer-urls=http://127.0.0.1:{peer}",
                f"--initial-cluster=default=http://127.0.0.1:{peer}", log=directory / "etcd.log") as store,
        started("kube-apiserver", str(binaries.path("kube-apiserver")), f"--etcd-servers=http://127.0.0.1:{etcd}",
                "--bind-address=127.0.0.1", "--advertise-address=192.0.2.1",  # which nobody dials
                f"--secure-port={port}", f"--cert-dir={directory}/certificates",
                "--service-account-issuer=https://kubernetes.default.svc", f"--service-account-key-file={directory}/sa.pub",
                f"--service-account-signing-key-file={directory}/sa.key", "--service-cluster-ip-range=10.43.0.0/16",
                f"--token-auth-file={directory}/tokens.csv", "--authorization-mode=AlwaysAllow",
                "--disable-admission-plugins=ServiceAccount", "--enable-priority-and-fairness=false", "--profiling=false",
                log=directory / "apiserver.log") as server,
    ):
        api = ApiServer(
            Api(f"https://127.0.0.1:{port}", TOKEN, lambda: ssl.create_default_context(cafile=certificate)), kubeconfig, [server, store])
        await_fact("the API server is ready", 120, lambda: _ready(api), interval=0.2)
        for crds in ("deploy/mcs-crds", "crds"):
            api.kubectl("apply", "-k", str(REPOSITORY / crds))
        api.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=60s")
        yield api


def _ready(api: ApiServer) -> bool:
    try:
        return api.kubectl("get", "--raw=/readyz") == "ok"
    except (CommandFailed, LabError):
        return False
