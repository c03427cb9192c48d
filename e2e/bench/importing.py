"""One cluster that imports, on this machine: a real API server with our CRDs and policies, and the real gateway, as the image
runs it, in the network namespace of this process. There is no kubelet, no other controller, and rights are not judged."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .apiserver import ApiServer, started
from .clusters import REPOSITORY, SYSTEM, CommandFailed
from .farside import devices
from .roles import as_in_the_image

NODE, ACCOUNT, POD = "west-n1", "tombolo-gateway", "tombolo-gateway-0"

PATHS = {
    "Namespace": "/api/v1/namespaces", "Node": "/api/v1/nodes", "LocalCluster": "/apis/tombolo.io/v1alpha1/localclusters",
    "ClusterLink": "/apis/tombolo.io/v1alpha1/clusterlinks", "Secret": f"/api/v1/namespaces/{SYSTEM}/secrets",
    "ConfigMap": f"/api/v1/namespaces/{SYSTEM}/configmaps", "Pod": f"/api/v1/namespaces/{SYSTEM}/pods",
}


def install(server: ApiServer, objects: list[dict[str, Any]]) -> None:
    """What a user applies of deploy/, then objects with their status."""
    for what in ("deploy/namespace.yaml", "deploy/rbac/accounts.yaml"):
        server.kubectl("apply", "-f", str(REPOSITORY / what))
    server.kubectl("apply", "-k", str(REPOSITORY / "deploy/policies"))
    for given in objects:
        path = PATHS[given["kind"]]
        status = given.pop("status", None)
        server.api.create(path, given)
        if status:
            server.api.send("PATCH", f"{path}/{given['metadata']['name']}/status", {"status": status}, "application/merge-patch+json")


def gateway_access(server: ApiServer, directory: Path) -> Path:
    """A kubeconfig of the gateway's account, by a token bound to its pod, as a kubelet would give it."""
    pod = server.api.create(PATHS["Pod"], {
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": POD},
        "spec": {"nodeName": NODE, "serviceAccountName": ACCOUNT, "containers": [{"name": "agent", "image": "none"}]}})
    bound = {"apiVersion": "v1", "kind": "Pod", "name": POD, "uid": pod["metadata"]["uid"]}
    token = server.api.create(f"/api/v1/namespaces/{SYSTEM}/serviceaccounts/{ACCOUNT}/token", {
        "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 86_400, "boundObjectRef": bound}})
    config = json.loads(server.kubeconfig.read_text())
    config["users"][0]["user"] = {"token": token["status"]["token"]}
    file = directory / "gateway.kubeconfig"
    file.write_text(json.dumps(config))
    return file


class Gateway:
    """@param uid of the pod; @param inside what the command follows to be somewhere else"""

    def __init__(self, access: Path, log: Path, uid: str = "first", inside: tuple[str, ...] = ()):
        self._access, self._uid, self._inside = access, uid, inside
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None

    def beside(self, log: Path, uid: str, inside: tuple[str, ...]) -> Gateway:
        """Another pod of the same name."""
        return Gateway(self._access, log, uid, inside)

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)

    @property
    def pid(self) -> int:
        assert self._process
        if self._process.poll() is not None:
            lines = self.log.read_text(errors="replace")
            raise CommandFailed(f"the gateway ended with {self._process.returncode}: {lines[-1500:].strip()}")
        return self._process.pid

    def start(self) -> None:
        with open(self.log, "ab") as log:
            self._process = subprocess.Popen(
                [*self._inside, *as_in_the_image(), "gateway"], stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                env=os.environ | {"KUBECONFIG": str(self._access), "NODE_NAME": NODE, "POD_NAME": POD, "POD_UID": self._uid,
                                  "POD_NAMESPACE": SYSTEM})

    def stop(self) -> None:
        """As a kubelet does, in the end."""
        if self._process and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def resident(self, what: str = "VmRSS") -> int:
        """MiB; VmHWM: the most there ever was."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.split(f"{what}:")[1].split()[0]) // 1024

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def gateway(server: ApiServer, directory: Path) -> Iterator[Gateway]:
    """Started by the caller; the devices of its pod are there."""
    with contextlib.ExitStack() as stack:
        devices(stack, ["tbdoor", "tb0"], directory)
        Path("/run/tombolo").mkdir(exist_ok=True)
        running = Gateway(gateway_access(server, directory), directory / "gateway.log")
        try:
            yield running
        finally:
            running.stop()

