"""What runs on a node: containerd, kubelet, kube-proxy, a bridge CNI, and a masquerade as the common CNIs have it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

from . import binaries, images, kernel
from .certificates import kubeconfig
from .machine import Daemon
from .progress import await_fact, run
from .state import cluster_directory, load, machine_directory
from .topology import Cluster, Node

# of each node its own; all else of the file system is the machine's
_PRIVATE = ["/run", "/var/lib/kubelet", "/var/lib/containerd", "/var/lib/cni", "/etc/cni", "/var/log/pods", "/var/log/containers"]
_SOCKET = "/run/containerd/containerd.sock"
CONTAINERD_ROOT = Path("/var/lib/containerd")
PAUSE = "registry.k8s.io/pause:3.10"


def ready_mark(cluster: str) -> Path:
    """There as soon as the API server knows the nodes: a kubelet that comes before it backs off for seconds."""
    return cluster_directory(cluster) / "nodes-known"


def stages(cluster: Cluster, node: Node, cgroup: str) -> Iterator[Daemon]:
    """The daemons in their order, each yielded when it may start; pods have their cgroups below the one named."""
    home = machine_directory(node.name)
    for directory in _PRIVATE:
        Path(directory).mkdir(parents=True, exist_ok=True)
        kernel.mount("tmpfs", directory, "tmpfs", options="mode=755")
    for directory in ("/etc/cni/net.d", "/run/lock", "/run/netns"):
        Path(directory).mkdir()
    Path("/etc/cni/net.d/10-lab.conflist").write_text(json.dumps(_cni(node)))
    (home / "containerd.toml").write_text(_CONTAINERD)
    (home / "kubelet.json").write_text(json.dumps(_kubelet(cluster, cgroup), indent=1))
    run(["nft", "-f", "-"], stdin=_masquerade(cluster, node))
    for tables in ("iptables", "ip6tables"):
        Path(f"/proc/sys/net/bridge/bridge-nf-call-{tables}").write_text("1")
    yield Daemon("containerd", ["containerd", "--config", f"{home}/containerd.toml"])
    await_fact("containerd answers", 60, _containerd_answers)
    images.furnish(CONTAINERD_ROOT, images.registered())
    await_fact("the API server knows this node", 3600, ready_mark(cluster.name).exists, interval=0.02)
    yield Daemon("kubelet", [
        str(binaries.path("kubelet")), f"--config={home}/kubelet.json", f"--kubeconfig={kubeconfig(cluster.name, node.name)}",
        f"--hostname-override={node.name}", f"--node-ip={','.join(map(str, node.addresses))}", "--root-dir=/var/lib/kubelet",
        "--cert-dir=/var/lib/kubelet/pki", "--v=1",
    ])  # fmt: skip
    proxy = home / "kube-proxy.json"

    def configure() -> None:
        lab = load()
        assert lab
        proxy.write_text(json.dumps(_kube_proxy(cluster, node, lab.topology.proxy_mode), indent=1))

    yield Daemon("kube-proxy", [str(binaries.path("kube-proxy")), f"--config={proxy}", "--v=1"], configure)


def _containerd_answers() -> bool:
    return Path(_SOCKET).exists() and subprocess.run(["ctr", "version"], capture_output=True).returncode == 0


def _cni(node: Node) -> dict:
    # ipMasq would masquerade between pods of different nodes too: _masquerade knows the cluster's whole range
    bridge = {"type": "bridge", "bridge": "cni0", "isGateway": True, "ipMasq": False, "hairpinMode": True}
    routes = [{"dst": "0.0.0.0/0" if pods.version == 4 else "::/0"} for pods in node.pods]
    addresses = {"type": "host-local", "ranges": [[{"subnet": str(pods)}] for pods in node.pods], "routes": routes}
    return {"cniVersion": "0.4.0", "name": "lab", "plugins": [bridge | {"ipam": addresses}]}


def _masquerade(cluster: Cluster, node: Node) -> str:
    """Flannel's rules, as tables: from our pods to anywhere else, and from anywhere else to pods of other nodes."""
    tables = []
    for ranges, here in zip(cluster.ranges, node.pods, strict=True):
        ip, multicast = ("ip", "224.0.0.0/4") if ranges.version == 4 else ("ip6", "ff00::/8")
        tables.append(f"""
            table {ip} lab_cni {{
                chain postrouting {{
                    type nat hook postrouting priority srcnat; policy accept;
                    {ip} saddr {ranges.pods} {ip} daddr {ranges.pods} return
                    {ip} saddr {ranges.pods} {ip} daddr != {multicast} masquerade
                    {ip} saddr != {ranges.pods} {ip} daddr {here} return
                    {ip} saddr != {ranges.pods} {ip} daddr {ranges.pods} masquerade
                }}
            }}
        """)
    return "\n".join(tables)


def _kubelet(cluster: Cluster, cgroup: str) -> dict:
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": f"{cluster_directory(cluster.name)}/ca.crt"},
        },
        "authorization": {"mode": "Webhook"},
        "containerRuntimeEndpoint": f"unix://{_SOCKET}",
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": cgroup,
        "cgroupsPerQOS": True,
        "enforceNodeAllocatable": [],
        "failCgroupV1": False,
        "failSwapOn": False,
        "oomScoreAdj": 0,  # as with containerd below: a lower one takes CAP_SYS_RESOURCE, which containers lack
        "clusterDNS": [str(cluster.primary.dns_address)],
        "clusterDomain": "cluster.local",
        "resolvConf": "",
        "makeIPTablesUtilChains": False,
        "localStorageCapacityIsolation": False,
        "imageGCHighThresholdPercent": 100,
        "evictionHard": {f"{signal}.available": "0%" for signal in ("memory", "nodefs", "imagefs")} | {"nodefs.inodesFree": "0%"},
        "nodeStatusUpdateFrequency": "5s",
        "syncFrequency": "2s",  # a changed ConfigMap is in the pod at once: CoreDNS waits for it
        "registerWithTaints": [],
    }


def _kube_proxy(cluster: Cluster, node: Node, mode: str) -> dict:
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "clientConnection": {"kubeconfig": str(kubeconfig(cluster.name, "kube-proxy"))},
        "hostnameOverride": node.name,
        "mode": mode,
        "clusterCIDR": ",".join(str(r.pods) for r in cluster.ranges),
        "conntrack": {"maxPerCore": 0, "min": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"},
        "nftables": {"minSyncPeriod": "100ms", "syncPeriod": "30s"},
        "iptables": {"minSyncPeriod": "100ms", "syncPeriod": "30s"},
        "oomScoreAdj": 0,
    }


_CONTAINERD = f"""\
version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
disabled_plugins = [{", ".join(f'"{plugin}"' for plugin in images.UNUSED_PLUGINS)}]
[grpc]
  address = "{_SOCKET}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{PAUSE}"
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "/etc/cni/net.d"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
"""
