"""Kubernetes, etcd and CoreDNS, and the wireguard-go of our image, built from their Go modules into the cache, once per
version and recipe.

The cache is $TOMBOLO_LAB_CACHE, else ~/.cache/tombolo-lab. A binary stands beside a stamp that holds the key of its recipe.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .progress import LabError, run, say

KUBERNETES, ETCD, COREDNS = "1.34.4", "3.6.5", "1.12.4"
# Debian 12 has the one of 2022, a third as fast; it also leaves its socket the system's 208 KiB, which overflow whenever it
# waits some milliseconds for a CPU
WIREGUARD_GO = "0.0.0-20260522210424-ecfc5a8d5446"
_TOOLCHAIN = "1.26.0"  # for a machine whose Go is too old to fetch a newer one by itself
CACHE = Path(os.environ.get("TOMBOLO_LAB_CACHE") or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tombolo-lab")
BIN = CACHE / "bin"


@dataclass(frozen=True)
class Recipe:
    """How some binaries are made: from `packages` of `module`, in one build."""

    module: str
    version: str
    packages: tuple[str, ...]
    ldflags: str
    version_argument: str  # what makes them print their version

    @property
    def binaries(self) -> list[str]:
        return [_binary_name(package) for package in self.packages]

    @property
    def key(self) -> str:
        return hashlib.sha256(repr((self.module, self.version, self.packages, self.ldflags)).encode()).hexdigest()[:16]


def _binary_name(package: str) -> str:
    last = package.rpartition("/")[2]
    return {"v3": "etcd", "wireguard": "wireguard-go"}.get(last, last)


_VERSION_PACKAGE = "k8s.io/component-base/version"
_RECIPES = [
    Recipe(
        "k8s.io/kubernetes",
        KUBERNETES,
        tuple(
            f"k8s.io/kubernetes/cmd/{name}"
            for name in ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy", "kubectl")
        ),
        f"-s -w -X {_VERSION_PACKAGE}.gitVersion=v{KUBERNETES} -X {_VERSION_PACKAGE}.gitMajor=1 -X {_VERSION_PACKAGE}.gitMinor=34",
        "--version",
    ),
    Recipe("go.etcd.io/etcd/server/v3", ETCD, ("go.etcd.io/etcd/server/v3",), "-s -w", "--version"),
    Recipe("github.com/coredns/coredns", COREDNS, ("github.com/coredns/coredns",), "-s -w", "-version"),
    Recipe("golang.zx2c4.com/wireguard", WIREGUARD_GO, ("golang.zx2c4.com/wireguard",), "-s -w", "--version"),
]


def path(name: str) -> Path:
    return BIN / name


def missing() -> list[str]:
    """Binaries that are not there, or made by another recipe."""
    return [name for recipe in _RECIPES for name in recipe.binaries if not _stands(recipe, name)]


def prepare() -> None:
    """Builds what is missing."""
    BIN.mkdir(parents=True, exist_ok=True)
    for recipe in _RECIPES:
        wanted = [package for package in recipe.packages if not _stands(recipe, _binary_name(package))]
        if wanted:
            say(f"building {', '.join(map(_binary_name, wanted))} {recipe.version} (about {4 if len(wanted) > 2 else 1} minutes on 2 cores, once)")
            _build(recipe, wanted)


@contextlib.contextmanager
def cache_lock() -> Iterator[None]:
    """One command at a time fills the cache."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / ".lock", "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"another command is filling {CACHE}; waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _stands(recipe: Recipe, name: str) -> bool:
    binary, stamp = path(name), path(f".{name}.recipe")
    if not os.access(binary, os.X_OK):
        return False
    if stamp.exists():
        return stamp.read_text() == recipe.key
    # put there by hand: taken where it says that it is the right version
    argument = ["version", "--client"] if name == "kubectl" else [recipe.version_argument]
    said = subprocess.run([binary, *argument], capture_output=True, text=True).stdout
    if not re.search(rf"(?<![\d.]){re.escape(recipe.version)}(?![\d.])", said):
        return False
    stamp.write_text(recipe.key)
    return True


def _build(recipe: Recipe, packages: list[str]) -> None:
    go = _go()
    environment = os.environ | {"CGO_ENABLED": "0", "GOFLAGS": "-mod=mod", "GOWORK": "off"}
    with tempfile.TemporaryDirectory(dir=CACHE, prefix="building-") as work:

        def call(*arguments: str) -> str:
            return run([go, *arguments], cwd=work, env=environment)

        call("mod", "init", "lab/build")
        if recipe.module == "k8s.io/kubernetes":
            # its own replacements point into its source tree; the same modules are published as v0.x
            described = json.loads(call("mod", "download", "-json", f"{recipe.module}@v{recipe.version}"))
            staged = re.findall(r"^\s*(?:replace )?(\S+) => \./staging", Path(described["GoMod"]).read_text(), re.MULTILINE)
            published = f"v0.{recipe.version.partition('.')[2]}"
            call("mod", "edit", *(f"-replace={module}={module}@{published}" for module in staged))
        call("get", *(f"{package}@v{recipe.version}" for package in packages))
        Path(work, "out").mkdir()
        for package in packages:  # one by one: the progress shows, and a build that was cut short goes on from there
            name = _binary_name(package)
            call("build", "-trimpath", "-ldflags", recipe.ldflags, "-o", f"out/{name}", package)
            os.replace(Path(work, "out", name), path(name))
            path(f".{name}.recipe").write_text(recipe.key)
            say(f"built {name}")


def _go() -> str:
    """A Go that builds all this: any since 1.21 fetches the release that it needs; an older one fetches that one as a module."""
    for candidate in ("go", "/usr/local/go/bin/go"):
        try:
            version = re.match(r"go1\.(\d+)", run([candidate, "env", "GOVERSION"]))
        except (OSError, LabError):
            continue
        if version and int(version[1]) >= 21:
            return candidate
        say(f"fetching Go {_TOOLCHAIN} as a module")
        module = f"golang.org/toolchain@v0.0.1-go{_TOOLCHAIN}.linux-amd64"
        with tempfile.TemporaryDirectory() as work:
            root = Path(json.loads(run([candidate, "mod", "download", "-json", module], cwd=work))["Dir"])
        for tool in [*(root / "bin").iterdir(), *(root / "pkg" / "tool").rglob("*")]:  # modules carry no executable bits
            if tool.is_file():
                tool.chmod(tool.stat().st_mode | 0o111)
        return str(root / "bin" / "go")
    raise LabError("no Go to build Kubernetes with; install one: apt-get install golang-go")
