"""The commands. Results go to stdout, messages to stderr; exit code 0 done, 1 not done (the message says why), 2 wrong usage."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from . import archives, binaries, certificates, cluster, debian, images, leftovers, machine, network, node, sealed, state, topology
from .progress import LabError, at_once, say
from .state import State
from .topology import WAN, Cluster, Topology


def main(arguments: list[str]) -> int:
    """Runs one command; returns its exit code."""
    options = _parser().parse_args(arguments)
    try:
        return options.call(options) or 0
    except LabError as wrong:
        print(f"lab: {wrong}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader has seen enough; 128 + SIGPIPE, as a shell says it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lab", description="Real Kubernetes clusters on this machine, joined only by a WAN router.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, call: Callable[[argparse.Namespace], int | None], text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(call=call)
        return sub

    up = command("up", _up, "bring clusters up, and print where their kubeconfigs are")
    up.add_argument("--clusters", default="west,east", metavar="NAMES", help="names, separated by commas (default: west,east)")
    up.add_argument("--nodes", type=int, default=2, metavar="N", help="nodes per cluster (default: 2)")
    up.add_argument("--pod-cidr", action="append", default=[], metavar="NAME=CIDR", help="pods of a cluster (default: 10.42.0.0/16, 10.52.0.0/16, …)")
    up.add_argument("--service-cidr", action="append", default=[], metavar="NAME=CIDR", help="services of a cluster (default: 10.43.0.0/16, 10.53.0.0/16, …)")
    up.add_argument("--ip-family", choices=topology.IP_FAMILIES, default="ipv4", help="of nodes, pods and services; of `dual` IPv4 comes first (default: ipv4)")
    up.add_argument("--proxy-mode", choices=topology.PROXY_MODES, default="nftables", help="of kube-proxy (default: nftables)")
    up.add_argument("--fast", action="store_true", help="control planes only: no nodes, no scheduler, few controllers")
    up.add_argument("--image", action="append", default=[], type=Path, metavar="TAR", help="a docker-archive that every node gets")
    up.add_argument("--sealed", action="store_true", help="in a private world, for the time that the command after `--` runs")
    up.add_argument("command", nargs="*", metavar="-- COMMAND", help="with --sealed: what to run once the lab is up")
    command("down", _down, "take the lab down, leaving nothing")
    command("status", _status, "print what is up; exit code 1 where something is not")
    command("leftovers", _leftovers, "print what of a lab is still there; nothing and exit code 0 when all is gone")
    for name, call, text in (
        ("stop", _stop, "cut the power of machines: their processes and network namespaces go, etcd's data stays"),
        ("start", _start, "start stopped machines"),
    ):
        command(name, call, text).add_argument("machines", nargs="+", metavar="MACHINE", help="for example west-cp, west-n1")
    command("proxy-mode", _proxy_mode, "have every kube-proxy start again in this mode; returns when CoreDNS answers every node").add_argument(
        "mode", choices=topology.PROXY_MODES
    )
    kubectl = command("kubectl", _kubectl, "kubectl with a cluster's admin kubeconfig")
    kubectl.add_argument("cluster")
    kubectl.add_argument("arguments", nargs=argparse.REMAINDER)
    inside = command("exec", _exec, "run a command in the namespaces of a machine, or of the router `wan`")
    inside.add_argument("machine")
    inside.add_argument("command", nargs=argparse.REMAINDER)
    command("image", _image, "give images to every node: to those running, and to those of a lab that comes up next").add_argument(
        "archives", nargs="+", type=Path, metavar="TAR", help="a docker-archive"
    )
    prepare = command("prepare", _prepare, "install packages, build binaries and images into the cache: once about 7 minutes, then nothing")
    prepare.add_argument("--print-binaries", action="store_true", help="print the directory of the binaries, for KUBEBUILDER_ASSETS")
    prepare.add_argument("--print-wireguard-go", action="store_true", help="print the path of the wireguard-go for our image")
    command("sealed", _sealed, "run a command in a private world that has no network but its own, and of which nothing stays").add_argument(
        "command", nargs=argparse.REMAINDER, metavar="COMMAND"
    )
    hidden = commands.add_parser("_machine")  # what the lab itself calls
    hidden.set_defaults(call=_machine)
    hidden.add_argument("machine")
    return parser


def _up(options: argparse.Namespace) -> int | None:
    wanted = topology.plan(
        options.clusters.split(","), options.nodes, options.pod_cidr, options.service_cidr, options.proxy_mode, options.fast, options.ip_family
    )
    _require_root()
    _ensure_prepared()
    if options.sealed:
        if not options.command:
            raise LabError("--sealed needs a command, for whose time the lab is up: lab up --sealed -- COMMAND")
        flags = [argument for argument in sys.argv[1 : sys.argv.index("--")] if argument != "--sealed"]
        script = 'lab=$0; n=$1; shift; "$lab" "${@:1:n}" && "${@:n+1}"'
        return sealed.run(["bash", "-c", script, sys.argv[0], str(len(flags)), *flags, *options.command])
    if options.command:
        raise LabError("a command after the flags needs --sealed")
    added = [images.load(archive) for archive in options.image]
    with state.exclusive():
        known = state.load()
        if known is not None and known.up:
            if known.topology != wanted:
                raise LabError("a lab with other flags is up; take it down first: e2e/lab/lab down")
            say("already up")
            _give(known, added)
        else:
            if leftovers.find():
                leftovers.remove(keep_images=True)
            _refuse_foreign_namespaces(wanted)
            _bring_up(State(wanted), added)
    _print_access(wanted)
    return None


def _bring_up(lab: State, added: list[images.Image]) -> None:
    clusters = lab.topology.clusters
    lab.save()
    debian.load_modules()
    for image in [*(images.load(path) for path in archives.paths()), *added] if not lab.topology.fast else []:
        images.register(image)
    at_once([lambda: network.up(lab.topology), *(partial(certificates.issue, c) for c in clusters)])
    certificates.merge(lab.topology)
    say("network and certificates made")
    for name in [*(c.control_plane for c in clusters), *(n.name for c in clusters for n in c.nodes)]:
        machine.start(lab, name)
    at_once(partial(_complete, lab.topology, c) for c in clusters)
    lab.up = True
    lab.save()


def _complete(whole: Topology, c: Cluster) -> None:
    cluster.await_api(c)
    say(f"{c.name}: API server ready")
    if whole.fast:
        cluster.await_default_account(c)
        say(f"{c.name}: default ServiceAccount made")
        return
    cluster.declare_nodes(c)
    cluster.install_coredns(c)
    if not c.nodes:
        return
    cluster.await_nodes(c)
    say(f"{c.name}: {len(c.nodes)} nodes ready")
    at_once(partial(cluster.await_names, c, n) for n in c.nodes)
    say(f"{c.name}: CoreDNS answers every node")


def _print_access(lab: Topology) -> None:
    for c in lab.clusters:
        print(f"# {c.name}: {certificates.kubeconfig(c.name)}")
    print(f"export KUBECONFIG={certificates.MERGED} TOMBOLO_E2E_CONTEXTS={','.join(c.name for c in lab.clusters)}")


def _down(options: argparse.Namespace) -> None:
    _require_root()
    with state.exclusive():
        leftovers.remove()
    say("all is gone")


def _status(options: argparse.Namespace) -> int:
    lab = state.load()
    if lab is None:
        print("no lab")
        return 1
    running, bad = lab.running(), not lab.up
    print("up" if lab.up else "coming up, or its `up` was killed: `up` again or `down`")
    for c in lab.topology.clusters:
        print(f"{c.name}: API {c.api_url}", *(f"pods {r.pods}, services {r.services}" for r in c.ranges), sep=", ")
        for name, addresses in c.machines.items():
            ended = machine.ended(name)
            says = "stopped" if name not in running else f"running, but ended: {', '.join(ended)}" if ended else "running"
            bad |= says != "running"
            print(f"  {name} {' '.join(map(str, addresses))} {says}")
    if lab.up:
        counted = ", ".join(f"{count} with an address of {kind}" for kind, count in network.plain_packets().items())
        print(f"wan: dropped packets in plain text: {counted}")
        _print_access(lab.topology)
    return 1 if bad else 0


def _leftovers(options: argparse.Namespace) -> int:
    found = leftovers.find()
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


def _stop(options: argparse.Namespace) -> None:
    with state.exclusive():
        lab = state.require()
        for name in options.machines:
            lab.topology.cluster_of(name)
        machine.stop(lab, options.machines)
    say(f"stopped {', '.join(options.machines)}")


def _start(options: argparse.Namespace) -> None:
    with state.exclusive():
        lab = state.require()
        whole = lab.topology
        stopped = [name for name in options.machines if name not in lab.running()]
        for c in {whole.cluster_of(name) for name in options.machines}:
            network.connect(c, [name for name in stopped if name in c.machines])
        for name in stopped:
            machine.start(lab, name)
        for c in {whole.cluster_of(name) for name in options.machines}:
            if c.control_plane in lab.running():
                cluster.await_api(c)
    say(f"started {', '.join(options.machines)}")


def _proxy_mode(options: argparse.Namespace) -> None:
    with state.exclusive():
        lab = state.require()
        lab.topology = replace(lab.topology, proxy_mode=options.mode)
        lab.save()
        running = [(c, n) for c in lab.topology.clusters for n in c.nodes if n.name in lab.running()]
        machine.renew(lab, [n.name for _, n in running])
        for c, n in running:
            cluster.await_proxy(n, options.mode)
            cluster.await_names(c, n)
    say(f"every kube-proxy runs in mode {options.mode}")


def _kubectl(options: argparse.Namespace) -> None:
    c = state.require().topology.cluster(options.cluster)
    arguments = [str(binaries.path("kubectl")), f"--kubeconfig={certificates.kubeconfig(c.name)}", *options.arguments]
    os.execv(arguments[0], arguments)


def _exec(options: argparse.Namespace) -> None:
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    machine.enter(state.require(), options.machine, command or ["sh"])


def _image(options: argparse.Namespace) -> None:
    _require_root()
    loaded = [images.load(archive) for archive in options.archives]
    with state.exclusive():
        _give(state.load(), loaded)
    say(f"nodes have {', '.join(name for image in loaded for name in image.names)}")


def _give(lab: State | None, given: list[images.Image]) -> None:
    """To the nodes that will start, and to those that run."""
    for image in given:
        images.register(image)
    if lab is not None and lab.up:
        running = [n.name for c in lab.topology.clusters for n in c.nodes if n.name in lab.running()]
        furnish = partial(images.furnish, node.CONTAINERD_ROOT, given)
        at_once(partial(machine.inside, lab, name, furnish) for name in running)


def _prepare(options: argparse.Namespace) -> None:
    _ensure_prepared()
    if options.print_binaries:
        print(binaries.BIN)
    if options.print_wireguard_go:
        print(binaries.path("wireguard-go"))


def _ensure_prepared() -> None:
    def incomplete() -> bool:
        return bool(debian.missing() or binaries.missing() or archives.missing())

    if incomplete():
        with binaries.cache_lock():
            debian.prepare()
            binaries.prepare()
            archives.prepare()
        say(f"prepared: {binaries.CACHE}")


def _sealed(options: argparse.Namespace) -> int:
    _require_root()
    if not options.command:
        raise LabError("sealed needs a command")
    _ensure_prepared()  # in there no registry can be reached
    return sealed.run(options.command[1:] if options.command[0] == "--" else options.command)


def _machine(options: argparse.Namespace) -> None:
    lab = state.load()
    if lab is None:
        raise LabError("no lab here")
    machine.become(options.machine, lab)


def _require_root() -> None:
    if os.geteuid() != 0:
        raise LabError("this makes namespaces and mounts, so it needs root: sudo e2e/lab/lab …")


def _refuse_foreign_namespaces(wanted: Topology) -> None:
    taken = [name for name in [WAN, *wanted.machines] if (network.NAMESPACES / name).exists()]
    if taken:
        raise LabError(f"network namespaces of these names are there, and not a lab's: {', '.join(taken)}; choose other --clusters, or seal the lab")
