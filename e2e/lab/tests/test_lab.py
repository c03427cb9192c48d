"""The lab itself: up, down, killed, sealed. Runs in a sealed world (see ../test)."""

import json
import os
import signal
import subprocess
import unittest
from pathlib import Path

from lab import cgroups, leftovers
from lab.progress import await_fact
from lab.state import RUN, SEAL_VARIABLE

LAB = str(Path(__file__).resolve().parent.parent / "lab")


def lab(*arguments: str, code: int = 0) -> str:
    done = subprocess.run([LAB, *arguments], capture_output=True, text=True)
    if done.returncode != code:
        raise AssertionError(f"lab {' '.join(arguments)}: {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def lab_log(machine: str) -> Path:
    return RUN / machine / "machine.log"


class LabTest(unittest.TestCase):
    def tearDown(self):
        lab("down")
        self.assertEqual(leftovers.find(), [])

    def test_fast_clusters_answer_and_leave_nothing(self):
        access = lab("up", "--fast").splitlines()[-1]
        self.assertEqual(access, f"export KUBECONFIG={RUN}/kubeconfig TOMBOLO_E2E_CONTEXTS=west,east")
        for cluster in ("west", "east"):
            self.assertEqual(lab("kubectl", cluster, "get", "--raw", "/readyz"), "ok")
            self.assertEqual(lab("kubectl", cluster, "config", "current-context").strip(), cluster)
        self.assertIn("west-cp 172.30.1.2 running", lab("status"))
        left = lab("leftovers", code=1)
        for kind in ("process", "network namespace", "link", "file"):
            self.assertRegex(left, f"(?m)^{kind} ", "what finds nothing of a lab that is up would find nothing ever")
        lab("up", "--fast")
        lab("up", "--clusters", "other", code=1)
        lab("down")
        self.assertEqual(lab("leftovers"), "")

    def test_comes_up_after_it_was_killed_at_any_point(self):
        points = {
            "written down": lambda: (RUN / "state.json").exists(),
            "first namespace": lambda: Path("/run/netns/wan").exists(),
            "first machine": lambda: lab_log("west-cp").exists(),
            "first etcd": lambda: (RUN / "west-cp/etcd.log").exists(),
        }
        for point, reached in points.items():
            up = subprocess.Popen([LAB, "up", "--fast"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            await_fact(point, 20, reached, interval=0.001)
            up.kill()
            up.wait()
            self.assertIn("coming up", lab("status", code=1))
        lab("up", "--fast")
        self.assertEqual(lab("kubectl", "east", "get", "--raw", "/readyz"), "ok")

    def test_clusters_with_the_same_ranges_work_and_survive_power_cuts(self):
        ranges = [f"--{kind}-cidr={c}=10.{n}.0.0/16" for kind, n in (("pod", 60), ("service", 61)) for c in ("west", "east")]
        lab("up", "--nodes=1", "--proxy-mode=iptables", *ranges)  # `up` waits for CoreDNS on each node
        for cluster in ("west", "east"):
            nodes = json.loads(lab("kubectl", cluster, "get", "nodes", "-o", "json"))["items"]
            self.assertEqual([node["spec"]["podCIDR"] for node in nodes], ["10.60.1.0/24"])

        with self.subTest("a packet with a pod's address that reaches the WAN is counted and dropped"):
            self.assertIn(" 0 with an address of pods", lab("status"))
            ping = ["busybox", "ping", "-c1", "-W1", "172.30.2.2"]
            lab("exec", "west-cp", "ip", "addr", "add", "10.60.99.1/32", "dev", "lo")  # it masquerades nothing
            lab("exec", "west-cp", *ping, "-I10.60.99.1", code=1)
            lab("exec", "west-cp", *ping)
            self.assertIn(" 1 with an address of pods", lab("status"))

        with self.subTest("kube-proxy changes its mode, and what a stopped node starts with"):
            for mode in ("nftables", "iptables", "nftables"):
                lab("proxy-mode", mode)  # it waits for CoreDNS on each node, too
            self.assertIn("table ip kube-proxy", lab("exec", "west-n1", "nft", "list", "tables"))
            self.assertNotIn("KUBE-SERVICES", lab("exec", "west-n1", "iptables-save"))
            lab("status")

        with self.subTest("an image reaches nodes that run"):
            box = next(Path(os.environ.get("TOMBOLO_LAB_CACHE", Path.home() / ".cache/tombolo-lab"), "img").glob("box-*.tar"))
            lab("image", str(box))
            self.assertIn("docker.io/lab/box:1", lab("exec", "east-n1", "ctr", "-n", "k8s.io", "images", "list"))
            command = ["--image=lab/box:1", "--restart=Never", "--", "sh", "-c", "echo said; sleep 1000"]
            lab("kubectl", "east", "run", "box", *command)
            lab("kubectl", "east", "wait", "pod/box", "--for=condition=Ready", "--timeout=30s")
            self.assertEqual(lab("kubectl", "east", "logs", "box").strip(), "said")
            self.assertEqual(lab("kubectl", "east", "exec", "box", "--", "hostname").strip(), "box")

        with self.subTest("etcd's data outlives a power cut, and a stopped machine is named"):
            lab("kubectl", "west", "create", "namespace", "kept")
            lab("stop", "west-cp", "west-n1")
            self.assertIn("west-n1 172.30.1.11 stopped", lab("status", code=1))
            lab("exec", "west-n1", "true", code=1)
            lab("start", "west-cp", "west-n1")
            self.assertIn("kept", lab("kubectl", "west", "get", "namespaces", "-o", "name"))
            lab("status")


class SealedTest(unittest.TestCase):
    def test_returns_the_exit_code_of_the_command(self):
        lab("sealed", "--", "sh", "-c", "exit 7", code=7)

    def test_leaves_nothing_when_it_is_killed(self):
        script = f"{LAB} up --fast --clusters only >/dev/null; echo ${SEAL_VARIABLE}; mkdir -p $(ls -d /sys/fs/cgroup/*/ | head -1)/${SEAL_VARIABLE}/x; echo up; sleep 1000"
        world = subprocess.Popen([LAB, "sealed", "sh", "-c", script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert world.stdout
        with world.stdout as said:
            name = said.readline().strip()
            self.assertEqual(said.readline(), "up\n")
            self.assertEqual(cgroups.ours(name), [name])
            inside = _processes_with(f"{SEAL_VARIABLE}={name}")
            self.assertGreater(len(inside), 4)
            world.send_signal(signal.SIGKILL)
            world.wait()
        await_fact("every process in there ends", 10, lambda: not _processes_with(f"{SEAL_VARIABLE}={name}"))
        await_fact("its cgroup goes", 10, lambda: not cgroups.ours(name))


def _processes_with(variable: str) -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and variable.encode() in (entry / "environ").read_bytes().split(b"\0"):
                found.append(entry.name)
        except OSError:
            continue  # it has ended
    return found


if __name__ == "__main__":
    unittest.main()
