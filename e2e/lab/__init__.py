"""The project's lab: real Kubernetes clusters on one machine, joined only by a WAN router.

Every node and every control plane is a *machine*: a network namespace, and in it a process tree with mount, pid and uts
namespaces of its own, whose pid 1 is `machine.py`. The modules, by concern:

    cli            commands and flags                     topology      names and addresses, pure
    binaries       Kubernetes, etcd, CoreDNS from source  debian        packages of the machine
    archives       our own small images as tar files      images        images unpacked once, shared by all nodes
    network        namespaces, links, WAN router          certificates  one authority per cluster
    machine        pid 1 of a machine, start and stop     controlplane, node    what runs in a machine
    cluster        waits and API objects                  state         what is written down while a lab is up
    sealed         a private world for a whole lab        leftovers     what is still there, and its removal
    kernel         system calls that Python lacks         progress      messages, errors, waiting
"""
