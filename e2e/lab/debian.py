"""Programs of the machine, and the Debian packages that they come in."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from .progress import LabError, run, say

# a program or file, and its package
_NEEDED = {
    "containerd": "containerd",
    "runc": "runc",
    "/usr/lib/cni/bridge": "containernetworking-plugins",
    "nft": "nftables",
    "ip": "iproute2",
    "iptables": "iptables",
    "conntrack": "conntrack",
    "socat": "socat",
    "/bin/busybox": "busybox-static",
    "curl": "curl",
    "kdig": "knot-dnsutils",
    "openssl": "openssl",
    "tcpdump": "tcpdump",
    "gcc": "gcc",
    "/usr/include/stdlib.h": "libc6-dev",
    "nsenter": "util-linux",
    "/etc/ssl/certs/ca-certificates.crt": "ca-certificates",
}
# kernel features that are modules on Debian; absent here means built in, or a message of the first use
_MODULES = ["br_netfilter", "overlay", "nf_tables", "nft_masq", "nft_chain_nat", "veth", "bridge", "tun", "vxlan", "ip_tables"]


def missing(needed: dict[str, str] | None = None) -> list[str]:
    """Packages whose program or file is not there."""
    searched = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    return [
        package
        for thing, package in (needed or _NEEDED).items()
        if not (Path(thing).exists() if thing.startswith("/") else shutil.which(thing, path=searched))
    ]


def install(packages: list[str]) -> None:
    """Installs packages, or says why it cannot."""
    wanted = " ".join(packages)
    if os.geteuid() != 0:
        raise LabError(f"missing: {wanted}. Not root, so install them: sudo apt-get install --no-install-recommends {wanted}")
    if not shutil.which("apt-get"):
        raise LabError(f"missing: what Debian has in the packages {wanted}. This machine has no apt-get; install it in its way")
    say(f"installing {wanted}")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    run(["apt-get", "-q", "update"], env=environment)
    run(["apt-get", "-q", "-y", "install", "--no-install-recommends", *packages], env=environment)


def prepare() -> None:
    packages = missing()
    if packages:
        install(packages)


def load_modules() -> None:
    """Loads what may be a module; a kernel that has it built in, or cannot load any, is left as it is."""
    if shutil.which("modprobe") and Path("/lib/modules", os.uname().release).is_dir():
        for module in _MODULES:
            if not Path("/sys/module", module).exists():
                os.spawnlp(os.P_WAIT, "modprobe", "modprobe", "--quiet", module)
