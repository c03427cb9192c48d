package io.tombolo.host;

/**
 * What in the kernel's networking was made, changed or taken away; not which of these. Whoever hears it looks for himself.
 *
 * <p>{@code sender} is who did it, the port of its netlink socket: for {@code ip}, {@code wg} and {@code nft} the id of the
 * process, unless another socket of this network namespace had that number. 0: the kernel itself, or an ioctl.
 */
public sealed interface KernelEvent {
    int sender();

    /** A network interface that came or went, or of which a flag changed (such as UP). */
    record Link(String name, int sender) implements KernelEvent {}

    /** An address that was taken from an interface. @param index of the interface */
    record AddressGone(int index, int sender) implements KernelEvent {}

    /** @param protocol who made the route, {@code proto} in the words of {@code ip} */
    record Route(int table, int protocol, int sender) implements KernelEvent {}

    record Rule(int priority, int sender) implements KernelEvent {}

    record Nexthop(int id, int sender) implements KernelEvent {}

    /** A table of nftables of any family, or anything in it. */
    record Table(String name, int sender) implements KernelEvent {}

    /** More was said than the socket could hold: anything may have changed. */
    record Overrun() implements KernelEvent {
        @Override
        public int sender() {
            return 0;
        }
    }
}
