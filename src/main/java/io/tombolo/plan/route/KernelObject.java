package io.tombolo.plan.route;

/** What we put into the kernel's routing: each object knows the lines of {@code ip -batch} that add and remove it. */
public sealed interface KernelObject permits Nexthop, Route, Rule {
    /** Two objects with one identity cannot stand beside each other: the second replaces the first. */
    Object identity();

    /** Whether the line belongs into {@code ip -6 -batch} rather than {@code ip -4 -batch}. */
    boolean ipv6();

    /** The line that adds the object, or replaces what has its identity. */
    String addition();

    /** The line that removes it. */
    String removal();

    /** Nexthops before the routes that use them, routes before the rules that lead to them. */
    int rank();
}
