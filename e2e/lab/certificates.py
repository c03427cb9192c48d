"""One certificate authority per cluster, what the API server shows and uses, a token and a kubeconfig for everybody else."""

from __future__ import annotations

import base64
import csv
import json
import secrets
from pathlib import Path

from .progress import run
from .state import RUN, cluster_directory
from .topology import Cluster, Topology

_DAYS = "3650"
_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
MERGED = RUN / "kubeconfig"


def issue(cluster: Cluster) -> None:
    """Writes keys, certificates, tokens and kubeconfigs of a new cluster into its directory, readable by root only."""
    home = cluster_directory(cluster.name)
    home.mkdir(mode=0o700)
    run(["openssl", "req", "-x509", *_KEY, "-keyout", "ca.key", "-out", "ca.crt", "-days", _DAYS, "-subj", f"/CN={cluster.name}-ca"], cwd=home)
    names = [f"DNS:kubernetes{suffix}" for suffix in ("", ".default", ".default.svc", ".default.svc.cluster.local")]
    addresses = [f"IP:{a}" for a in ("127.0.0.1", *(a for r in cluster.ranges for a in (r.api_address, r.services[1])))]
    _sign(home, "apiserver", "/CN=kube-apiserver", f"subjectAltName={','.join([*names, *addresses])}", "extendedKeyUsage=serverAuth")
    _sign(home, "kubelet-client", "/O=system:masters/CN=kube-apiserver-kubelet-client", "extendedKeyUsage=clientAuth")
    run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-out", "sa.key"], cwd=home)
    run(["openssl", "pkey", "-in", "sa.key", "-pubout", "-out", "sa.pub"], cwd=home)
    identities = {
        "admin": ("admin", "system:masters"),
        # system:masters: with the built-in roles they meet 403s, and back off, until the API server has made these roles
        "kube-controller-manager": ("system:kube-controller-manager", "system:masters"),
        "kube-scheduler": ("system:kube-scheduler", "system:masters"),
        "kube-proxy": ("system:kube-proxy", ""),
    } | {node.name: (f"system:node:{node.name}", "system:nodes") for node in cluster.nodes}
    with open(home / "tokens.csv", "w", newline="") as file:
        rows = csv.writer(file)
        for name, (user, groups) in identities.items():
            token = secrets.token_hex(16)
            rows.writerow([token, user, user, groups])
            kubeconfig(cluster.name, name).write_text(json.dumps(_kubeconfig({cluster.name: (cluster, token)}), indent=1))


def kubeconfig(cluster: str, identity: str = "admin") -> Path:
    """The kubeconfig of an identity: `admin`, a component, or a node. JSON, which is YAML too."""
    return cluster_directory(cluster) / f"{identity}.kubeconfig"


def merge(topology: Topology) -> Path:
    """Writes the kubeconfig that has one context per cluster, named as the cluster; the first is the current one."""
    admins = {c.name: (c, _token(c.name)) for c in topology.clusters}
    MERGED.touch(mode=0o600)
    MERGED.write_text(json.dumps(_kubeconfig(admins), indent=1))
    return MERGED


def _sign(home: Path, name: str, subject: str, *extensions: str) -> None:
    added = [word for extension in ("basicConstraints=critical,CA:FALSE", *extensions) for word in ("-addext", extension)]
    authority = ["-x509", "-CA", "ca.crt", "-CAkey", "ca.key", "-days", _DAYS]
    run(["openssl", "req", *authority, *_KEY, "-keyout", f"{name}.key", "-out", f"{name}.crt", "-subj", subject, *added], cwd=home)


def _token(cluster: str) -> str:
    return json.loads(kubeconfig(cluster).read_text())["users"][0]["user"]["token"]


def _kubeconfig(contexts: dict[str, tuple[Cluster, str]]) -> dict:
    def authority(cluster: Cluster) -> str:
        return base64.b64encode((cluster_directory(cluster.name) / "ca.crt").read_bytes()).decode()

    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {"name": name, "cluster": {"server": cluster.api_url, "certificate-authority-data": authority(cluster)}}
            for name, (cluster, _) in contexts.items()
        ],
        "users": [{"name": name, "user": {"token": token}} for name, (_, token) in contexts.items()],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}} for name in contexts],
        "current-context": next(iter(contexts)),
    }
