"""Container images for nodes: each layer is unpacked once, below the cache, and bound read-only into every node.

A node's containerd is told of an image by an archive without layers, and of each layer by a snapshot whose directory is
the shared one: an image costs a node a few hundredths of a second and no memory, whatever its size. Layers are keyed
by the digest of their content.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from . import binaries, kernel
from .progress import LabError, run
from .state import RUN

UNUSED_PLUGINS = [
    "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs",
    "io.containerd.snapshotter.v1.devmapper", "io.containerd.tracing.processor.v1.otlp", "io.containerd.internal.v1.tracing",
]  # fmt: skip
_CTR = ["ctr", "--namespace", "k8s.io"]
_SNAPSHOTS = Path("io.containerd.snapshotter.v1.overlayfs/snapshots")
_LAYERS = binaries.CACHE / "img" / "layers"
_REGISTERED = RUN / "images"
_LAYER_LIFE_DAYS = 14  # since its last use


@dataclass(frozen=True)
class Image:
    """An image whose layers are unpacked: its names, its OCI configuration (bytes, as digests are of bytes)."""

    names: tuple[str, ...]
    config: bytes

    @property
    def layers(self) -> list[str]:
        """Digests of the uncompressed layers, the lowest first."""
        return json.loads(self.config)["rootfs"]["diff_ids"]


def load(archive: Path) -> Image:
    """Reads a docker-archive (`docker save`, `buildah push … docker-archive:`), unpacking layers not seen before."""
    try:
        with tarfile.open(archive) as tar:
            manifest = json.load(_member(tar, "manifest.json"))[0]
            image = Image(tuple(manifest["RepoTags"] or ()), _member(tar, manifest["Config"]).read())
            if not image.names:
                raise LabError(f"{archive}: the image has no name; name it when saving")
            for digest, path in zip(image.layers, manifest["Layers"], strict=True):
                _unpack(digest, _member(tar, path))
    except (OSError, tarfile.TarError, KeyError, ValueError) as wrong:
        raise LabError(f"{archive} is not a docker-archive: {wrong!r}") from wrong
    return image


def register(image: Image) -> None:
    """Makes the image one that every node of this world's lab has from its start."""
    _REGISTERED.mkdir(parents=True, exist_ok=True)
    for name in image.names:
        record = {"names": [name], "config": image.config.decode()}
        (_REGISTERED / f"{hashlib.sha256(name.encode()).hexdigest()[:16]}.json").write_text(json.dumps(record))


def registered() -> list[Image]:
    records = [json.loads(file.read_text()) for file in sorted(_REGISTERED.glob("*.json"))]
    return [Image(tuple(record["names"]), record["config"].encode()) for record in records]


def furnish(root: Path, wanted: list[Image]) -> None:
    """Gives these images to the containerd whose namespaces we are in and whose root directory is `root`."""
    named = run([*_CTR, "images", "list"])
    known = set(run([*_CTR, "snapshots", "list"]).split())
    for image in wanted:
        archive, digest = _without_layers(image)
        if all(re.search(rf"^{re.escape(_full(name))}\s.*\s{digest}\s", named, re.MULTILINE) for name in image.names):
            continue
        run([*_CTR, "images", "import", "--no-unpack", "-"], stdin=archive)
        chain = ""
        for digest in image.layers:
            parent, chain = chain, _chain(chain, digest)
            if chain not in known:
                _share(root, digest, parent, chain)
                known.add(chain)


def _share(root: Path, digest: str, parent: str, chain: str) -> None:
    """Commits a snapshot whose directory is the shared layer; `ctr` exempts it from garbage collection."""
    pending = f"lab-{chain}"
    mounts = json.loads(run([*_CTR, "snapshots", "prepare", "--mounts", pending, *([parent] if parent else [])]))
    options = [option for mount in mounts for option in [mount["Source"], *mount["Options"]]]
    directory = next(o.removeprefix("upperdir=") for o in options if o.removeprefix("upperdir=").startswith(f"{root / _SNAPSHOTS}/"))
    kernel.bind_read_only(str(_LAYERS / digest / "fs"), directory)
    run([*_CTR, "snapshots", "commit", chain, pending])


def _chain(parent: str, digest: str) -> str:
    """The ChainID of a layer (OCI image specification, config.md)."""
    return f"sha256:{hashlib.sha256(f'{parent} {digest}'.encode()).hexdigest()}" if parent else digest


def _without_layers(image: Image) -> tuple[bytes, str]:
    """An OCI archive with manifest and configuration only, and the digest of the manifest."""
    blobs: dict[str, bytes] = {}

    def described(kind: str, content: bytes) -> dict:
        digest = hashlib.sha256(content).hexdigest()
        blobs[f"blobs/sha256/{digest}"] = content
        return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": f"sha256:{digest}", "size": len(content)}

    layers = [{"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": digest, "size": 1} for digest in image.layers]
    manifest = {"schemaVersion": 2, "config": described("config.v1+json", image.config), "layers": layers}
    described_manifest = described("manifest.v1+json", json.dumps(manifest).encode())
    index = {
        "schemaVersion": 2,
        "manifests": [described_manifest | {"annotations": {"io.containerd.image.name": _full(name)}} for name in image.names],
    }
    blobs["oci-layout"] = b'{"imageLayoutVersion":"1.0.0"}'
    blobs["index.json"] = json.dumps(index).encode()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in blobs.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue(), described_manifest["digest"]


def _full(name: str) -> str:
    """The name as the kubelet asks for it: with a registry, and a tag."""
    first, slash, _ = name.partition("/")
    if not slash:
        name = f"docker.io/library/{name}"
    elif "." not in first and ":" not in first and first != "localhost":
        name = f"docker.io/{name}"
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


def _member(tar: tarfile.TarFile, path: str) -> IO[bytes]:
    file = tar.extractfile(path)
    if file is None:
        raise ValueError(f"{path} is not a file in it")
    return file


def _unpack(digest: str, layer: IO[bytes]) -> None:
    """Unpacks a layer into the cache, as overlayfs wants it, if its content is what the digest says."""
    done = _LAYERS / digest
    if done.is_dir():
        os.utime(done)
        return
    _LAYERS.mkdir(parents=True, exist_ok=True)
    _drop_old()
    started = Path(tempfile.mkdtemp(dir=_LAYERS, prefix="unpacking-"))
    try:
        (started / "fs").mkdir(mode=0o755)
        compressed = layer.read(2) == b"\x1f\x8b"
        layer.seek(0)
        source = gzip.open(layer) if compressed else layer
        tar = subprocess.Popen(
            ["tar", "--extract", "--preserve-permissions", "--same-owner", "--numeric-owner", "--xattrs", "--xattrs-include=*", "--directory", str(started / "fs")],
            stdin=subprocess.PIPE,
            preexec_fn=kernel.die_with_parent,
        )
        assert tar.stdin
        content = hashlib.sha256()
        with tar.stdin:
            while chunk := source.read(1 << 20):
                content.update(chunk)
                tar.stdin.write(chunk)
        if tar.wait() != 0:
            raise LabError(f"tar could not unpack layer {digest}")
        if f"sha256:{content.hexdigest()}" != digest:
            raise LabError(f"layer {digest} has other content: sha256:{content.hexdigest()}")
        _convert_whiteouts(started / "fs")
        started.chmod(0o755)
        try:
            started.rename(done)
        except OSError:
            if not done.is_dir():  # else another command was faster
                raise
    finally:
        shutil.rmtree(started, ignore_errors=True)


def _convert_whiteouts(root: Path) -> None:
    """From the form of tar archives (OCI image specification, layer.md) to overlayfs's (kernel, overlayfs.rst)."""
    for directory, _, files in os.walk(root):
        for name in files:
            if name == ".wh..wh..opq":
                os.setxattr(directory, "trusted.overlay.opaque", b"y")
            elif name.startswith(".wh."):
                os.mknod(os.path.join(directory, name.removeprefix(".wh.")), 0o020000, os.makedev(0, 0))
            else:
                continue
            os.unlink(os.path.join(directory, name))


def _drop_old() -> None:
    limit = time.time() - _LAYER_LIFE_DAYS * 86400
    for layer in _LAYERS.iterdir():
        if layer.stat().st_mtime < limit:
            shutil.rmtree(layer, ignore_errors=True)
