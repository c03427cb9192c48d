"""Images unpacked from archives."""

import hashlib
import io
import json
import os
import stat
import tarfile
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from lab import images
from lab.progress import LabError


def layer(**files: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content.encode()))
    return buffer.getvalue()


def digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


class ImagesTest(unittest.TestCase):
    def setUp(self):
        # not in /dev/shm: overlayfs's attributes need a file system that keeps them
        self.directory = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.enterContext(mock.patch.object(images, "_LAYERS", self.directory / "layers"))

    def archive(self, layers: list[bytes], digests: list[str]) -> Path:
        config = json.dumps({"rootfs": {"type": "layers", "diff_ids": digests}}).encode()
        manifest = [{"Config": "config", "RepoTags": ["x/y:1"], "Layers": [f"layer{n}" for n in range(len(layers))]}]
        path = self.directory / "archive.tar"
        parts = {"manifest.json": json.dumps(manifest).encode(), "config": config}
        with tarfile.open(path, "w") as tar:
            for name, content in (parts | {f"layer{n}": content for n, content in enumerate(layers)}).items():
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))
        return path

    def test_unpacks_each_layer_under_its_digest(self):
        layers = [layer(lower="1"), layer(upper="2")]
        image = images.load(self.archive(layers, [digest(each) for each in layers]))
        self.assertEqual(image.names, ("x/y:1",))
        self.assertEqual(sorted(p.name for p in images._LAYERS.iterdir()), sorted(image.layers))
        self.assertEqual((images._LAYERS / image.layers[1] / "fs/upper").read_text(), "2")

    def test_turns_deletions_into_what_overlayfs_understands(self):
        content = layer(**{".wh.gone": "", "directory/.wh..wh..opq": "", "directory/kept": "here"})
        image = images.load(self.archive([content], [digest(content)]))
        root = images._LAYERS / image.layers[0] / "fs"
        gone = os.stat(root / "gone")
        self.assertTrue(stat.S_ISCHR(gone.st_mode))
        self.assertEqual(gone.st_rdev, 0)
        self.assertEqual(os.getxattr(root / "directory", "trusted.overlay.opaque"), b"y")
        self.assertEqual(os.listdir(root / "directory"), ["kept"])

    def test_refuses_a_layer_whose_content_is_not_what_its_digest_says(self):
        with self.assertRaisesRegex(LabError, "other content"):
            images.load(self.archive([layer(a="1")], [digest(layer(a="2"))]))
        self.assertEqual(list(images._LAYERS.iterdir()), [])

    def test_says_when_a_file_is_no_archive(self):
        (self.directory / "no.tar").write_text("no")
        with self.assertRaisesRegex(LabError, "not a docker-archive"):
            images.load(self.directory / "no.tar")

    def test_completes_names_as_the_kubelet_does(self):
        cases = {
            "box": "docker.io/library/box:latest",
            "lab/box:1": "docker.io/lab/box:1",
            "localhost/tombolo:dev": "localhost/tombolo:dev",
            "registry:5000/a": "registry:5000/a:latest",
            "registry.k8s.io/pause:3.10": "registry.k8s.io/pause:3.10",
        }
        self.assertEqual({name: images._full(name) for name in cases}, cases)


if __name__ == "__main__":
    unittest.main()
