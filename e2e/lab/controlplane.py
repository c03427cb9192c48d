"""What runs on a control plane: etcd, API server, controller manager, scheduler."""

from __future__ import annotations

import socket
from collections.abc import Iterator

from . import binaries
from .certificates import kubeconfig
from .machine import Daemon
from .progress import await_fact
from .state import cluster_directory
from .topology import API_PORT, Cluster

# what tests of an operator need of the controller manager where no pod runs
_FAST_CONTROLLERS = [
    "namespace-controller", "serviceaccount-controller", "serviceaccount-token-controller",
    "root-ca-certificate-publisher-controller", "garbage-collector-controller", "endpointslice-controller",
]  # fmt: skip


def stages(cluster: Cluster, fast: bool) -> Iterator[Daemon]:
    """The daemons in their order, each yielded when it may start."""
    home = cluster_directory(cluster.name)
    yield Daemon("etcd", [
        str(binaries.path("etcd")), f"--name={cluster.name}", f"--data-dir={home}/etcd", "--unsafe-no-fsync",
        "--listen-client-urls=http://127.0.0.1:2379", "--advertise-client-urls=http://127.0.0.1:2379",
        "--listen-peer-urls=http://127.0.0.1:2380", "--initial-advertise-peer-urls=http://127.0.0.1:2380",
        f"--initial-cluster={cluster.name}=http://127.0.0.1:2380", "--snapshot-count=5000", "--log-level=warn",
    ])  # fmt: skip
    # an API server that finds no etcd backs off for a second
    await_fact("etcd listens", 60, lambda: _listens(2379), interval=0.02)
    yield Daemon("kube-apiserver", [
        str(binaries.path("kube-apiserver")), "--etcd-servers=http://127.0.0.1:2379",
        f"--advertise-address={cluster.primary.api_address}", "--bind-address=::", f"--secure-port={API_PORT}",
        f"--tls-cert-file={home}/apiserver.crt", f"--tls-private-key-file={home}/apiserver.key",
        f"--client-ca-file={home}/ca.crt", f"--token-auth-file={home}/tokens.csv",
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
        f"--service-account-key-file={home}/sa.pub", f"--service-account-signing-key-file={home}/sa.key",
        f"--service-cluster-ip-range={','.join(str(r.services) for r in cluster.ranges)}",
        "--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction", "--allow-privileged=true",
        f"--kubelet-client-certificate={home}/kubelet-client.crt", f"--kubelet-client-key={home}/kubelet-client.key",
        "--kubelet-preferred-address-types=InternalIP", "--profiling=false", "--enable-priority-and-fairness=false", "--v=1",
    ])  # fmt: skip
    yield Daemon("kube-controller-manager", [
        str(binaries.path("kube-controller-manager")), f"--kubeconfig={kubeconfig(cluster.name, 'kube-controller-manager')}",
        "--leader-elect=false", "--use-service-account-credentials=false", "--bind-address=127.0.0.1", "--profiling=false",
        f"--root-ca-file={home}/ca.crt", f"--service-account-private-key-file={home}/sa.key",
        f"--cluster-name={cluster.name}", "--allocate-node-cidrs=false", "--v=1",
        *([f"--controllers={','.join(_FAST_CONTROLLERS)}"] if fast else []),
    ])  # fmt: skip
    if not fast:
        yield Daemon("kube-scheduler", [
            str(binaries.path("kube-scheduler")), f"--kubeconfig={kubeconfig(cluster.name, 'kube-scheduler')}",
            "--leader-elect=false", "--bind-address=127.0.0.1", "--profiling=false", "--v=1",
        ])  # fmt: skip


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False
