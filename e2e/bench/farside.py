"""The far side of many links, on this machine: a network namespace in which every peer has a WireGuard device of its own, and one
process that speaks for all of them (src/test/java/io/tombolo/bench). Runs in a sealed world: nothing of it is taken away here."""

from __future__ import annotations

import contextlib
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

from lab.progress import await_fact

from .apiserver import started
from .clusters import LAB, REPOSITORY, CommandFailed, run
from .roles import class_path

NAMESPACE = "peers"
HERE, THERE = "203.0.113.1", "203.0.113.2"  # TEST-NET-3: nobody else's
SOCKETS = Path("/var/run/wireguard")


class FarSide:
    """Commands to the script: see ScriptedPeers."""

    def __init__(self, process: subprocess.Popen[str], directory: Path):
        self._process = process
        self.directory = directory

    def obey(self, command: str) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        self.answered("done")

    def answered(self, wanted: str) -> None:
        assert self._process.stdout
        answer = self._process.stdout.readline().strip()
        if answer != wanted:
            raise CommandFailed(f"the scripted peers say '{answer}', expected '{wanted}'; see their messages above")

    def begin(self, command: str) -> threading.Thread:
        """As obey, meanwhile: ends when the command has."""
        thread = threading.Thread(target=self.obey, args=[command])
        thread.start()
        return thread


@contextlib.contextmanager
def far_side(directory: Path, peers: int, services: int, endpoints: int) -> Iterator[FarSide]:
    """Peers with lanes, who do not serve yet."""
    jdk = run(str(REPOSITORY / "mvnw"), "--print-java-home").strip()
    classes = directory / "classes"
    sources = [str(f) for f in (REPOSITORY / "src/test/java/io/tombolo/bench").glob("*.java") if f.name != "package-info.java"]
    run(f"{jdk}/bin/javac", "-proc:none", "-nowarn", "-Xlint:none", "-d", str(classes), "-cp", class_path(),
        "-sourcepath", str(REPOSITORY / "src/test/java"), *sources)
    run("ip", "netns", "add", NAMESPACE)
    run("ip", "link", "add", "wan", "type", "veth", "peer", "name", "wan", "netns", NAMESPACE)
    for inside, address in (([], HERE), (["-n", NAMESPACE], THERE)):
        run("ip", *inside, "addr", "add", f"{address}/24", "dev", "wan")
        run("ip", *inside, "link", "set", "wan", "up")
        run("ip", *inside, "link", "set", "lo", "up")
    process = subprocess.Popen(
        ["ip", "netns", "exec", NAMESPACE, f"{jdk}/bin/java", "-Xmx2g", "-Xss512k", "-XX:+UseSerialGC",
         "-Djava.util.logging.manager=org.jboss.logmanager.LogManager", "--sun-misc-unsafe-memory-access=allow", "-cp", f"{classes}:{class_path()}",
         "io.tombolo.bench.ScriptedPeers", str(directory), str(peers), str(services), str(endpoints), HERE, THERE],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        far = FarSide(process, directory)
        far.answered("written")
        with contextlib.ExitStack() as stack:
            make_lanes(stack, directory, peers)
            yield far
    finally:
        process.terminate()
        process.wait()


def make_lanes(stack: contextlib.ExitStack, directory: Path, peers: int) -> None:
    """Every peer answers from its own lane: the table is chosen by its address."""
    cluster, *lanes = [line.split() for line in (directory / "lanes").read_text().splitlines()]
    names = [f"p{i}" for i in range(peers)]
    devices(stack, names, directory, "ip", "netns", "exec", NAMESPACE)
    batch = []
    for i, (network, address) in enumerate(lanes):
        run("wg", "setconf", names[i], str(directory / f"wireguard-{i}"))
        table = 1000 + i
        batch += [f"addr add {address}/128 dev {names[i]} nodad", f"link set {names[i]} mtu 1380 up",
                  f"route add {cluster[0]} dev {names[i]} table {table}", f"rule add from {network} lookup {table}"]
    run("ip", "-n", NAMESPACE, "-6", "-batch", "-", input="\n".join(batch).encode())


def devices(stack: contextlib.ExitStack, names: list[str], directory: Path, *inside: str) -> None:
    """A wireguard-go for each name, as in the containers of a gateway's pod."""
    program = run(LAB, "prepare", "--print-wireguard-go").strip()
    for name in names:
        stack.enter_context(started(f"wireguard-go {name}", *inside, program, "-f", name, log=directory / f"wireguard-go-{name}.log",
                                    environment={"GOMAXPROCS": "1"}))  # hundreds of them share a few cores
    await_fact("every WireGuard device is there", 120, lambda: all((SOCKETS / f"{n}.sock").exists() for n in names))
