"""The lab's own small images, as docker-archives in the cache: pause, box (a client and a server for tests), CoreDNS.

They are made of programs of this machine, with the libraries that those need, and bear in their file name a key of all
that went into them.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from . import binaries
from .progress import run, say

_HERE = Path(__file__).parent
_IMAGES = binaries.CACHE / "img"
_RECIPE = "1"  # counts changes of this module that change an image


@dataclass(frozen=True)
class _Archive:
    """An image: what its file system is made of, and by which function."""

    name: str
    reference: str
    sources: tuple[Path, ...]
    fill: Callable[[Path], None]
    config: dict

    @property
    def path(self) -> Path:
        """Where the archive of exactly these sources is, or would be."""
        made_of = (_RECIPE, self.reference, self.config, [_mark(source) for source in self.sources])
        key = hashlib.sha256(repr(made_of).encode()).hexdigest()[:16]
        return _IMAGES / f"{self.name}-{key}.tar"


def missing() -> list[str]:
    """Images that are not there, or made of other sources."""
    return [a.name for a in _archives() if not all(s.exists() for s in a.sources) or not a.path.exists()]


def prepare() -> None:
    """Makes the archives that are missing, and drops those of other sources."""
    _IMAGES.mkdir(parents=True, exist_ok=True)
    for archive in _archives():
        if not archive.path.exists():
            say(f"making image {archive.reference}")
            for old in _IMAGES.glob(f"{archive.name}-*.tar"):
                old.unlink()
            with tempfile.TemporaryDirectory(dir=_IMAGES) as work:
                root = Path(work, "root")
                root.mkdir(mode=0o755)
                archive.fill(root)
                _write(archive, root, Path(work, "archive.tar"))
                os.replace(Path(work, "archive.tar"), archive.path)


def paths() -> list[Path]:
    return [archive.path for archive in _archives()]


def _mark(source: Path) -> object:
    """What tells one version of a file from another: our own are small, and lie elsewhere in every clone."""
    if source.parent == _HERE:
        return source.read_bytes()
    stat = source.stat()
    return str(source), stat.st_size, stat.st_mtime_ns


def _archives() -> list[_Archive]:
    box_programs = [Path(shutil.which(name) or f"/usr/bin/{name}") for name in ("curl", "ip", "ss", "socat", "kdig")]
    return [
        _Archive("pause", "registry.k8s.io/pause:3.10", (_HERE / "pause.c",), _fill_pause, {"Entrypoint": ["/pause"]}),
        _Archive(
            "box",
            "lab/box:1",
            (Path("/bin/busybox"), *box_programs, _HERE / "serve.sh", _HERE / "saw.c"),
            lambda root: _fill_box(root, box_programs),
            {"Cmd": ["/bin/sh"], "Env": ["PATH=/bin"]},
        ),
        _Archive("coredns", "lab/coredns:1", (binaries.path("coredns"),), _fill_coredns, {"Entrypoint": ["/coredns"]}),
    ]


def _fill_pause(root: Path) -> None:
    _compile("pause.c", root / "pause")


def _compile(source: str, program: Path) -> None:
    run(["gcc", "-Os", "-static", "-s", "-o", str(program), str(_HERE / source)])


def _fill_coredns(root: Path) -> None:
    shutil.copy2(binaries.path("coredns"), root / "coredns")


def _fill_box(root: Path, programs: list[Path]) -> None:
    for directory in ("bin", "etc", "tmp", "proc", "sys", "dev", "run", "root", "usr/lib", "usr/lib64", "www"):
        (root / directory).mkdir(parents=True)
    (root / "tmp").chmod(0o1777)
    for link, target in {"lib": "usr/lib", "lib64": "usr/lib64", "sbin": "bin", "usr/bin": "../bin", "usr/sbin": "../bin"}.items():
        (root / link).symlink_to(target)
    (root / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
    (root / "etc/group").write_text("root:x:0:\n")
    (root / "etc/nsswitch.conf").write_text("hosts: files dns\n")
    shutil.copy2("/bin/busybox", root / "bin/busybox")
    for applet in run(["/bin/busybox", "--list"]).split():
        if applet != "busybox":
            (root / "bin" / applet).symlink_to("busybox")
    for program in programs:
        name = {"kdig": "dig"}.get(program.name, program.name)
        (root / "bin" / name).unlink(missing_ok=True)
        shutil.copy2(program.resolve(), root / "bin" / name)
        for library in re.findall(r"(/\S+)", run(["ldd", str(program)])):
            target = root / library.removeprefix("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(Path(library).resolve(), target)
    _compile("saw.c", root / "bin/saw")
    shutil.copy(_HERE / "serve.sh", root / "bin/serve")
    (root / "bin/serve").chmod(0o755)


def _write(archive: _Archive, root: Path, target: Path) -> None:
    """One uncompressed layer; same sources, same bytes."""

    def plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = entry.mtime = 0
        entry.uname = entry.gname = ""
        return entry

    layer = target.with_suffix(".layer")
    with tarfile.open(layer, "w", format=tarfile.GNU_FORMAT) as tar:
        for entry in sorted(root.iterdir()):
            tar.add(entry, arcname=entry.name, filter=plain)
    with open(layer, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    epoch = "1970-01-01T00:00:00Z"
    config = json.dumps({
        "architecture": "amd64", "os": "linux", "created": epoch, "config": archive.config,
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]}, "history": [{"created": epoch, "created_by": "lab"}],
    }).encode()  # fmt: skip
    config_name = f"{hashlib.sha256(config).hexdigest()}.json"
    manifest = json.dumps([{"Config": config_name, "RepoTags": [archive.reference], "Layers": ["layer.tar"]}]).encode()
    with tarfile.open(target, "w") as tar:
        for name, content in (("manifest.json", manifest), (config_name, config)):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
        tar.add(layer, arcname="layer.tar")
