package io.tombolo.host;

import static io.tombolo.host.LibC.LIBC;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalInt;

/**
 * The reverse path filter of one interface, set by netlink: CAP_NET_ADMIN suffices where /proc/sys is read-only, as it is
 * in an unprivileged container. Values: 0 off, 1 strict, 2 loose (RFC 3704; kernel ip-sysctl.rst). The kernel uses the
 * higher of `all` and the interface, so 2 on an interface always wins.
 */
public final class RpFilter {
    public static final int LOOSE = 2;

    private static final short RTM_SETLINK = 19;
    private static final short NLM_F_REQUEST_ACK = 1 | 4;
    private static final short NLMSG_ERROR = 2;
    private static final short IFLA_IFNAME = 3;
    private static final int IFNAMSIZ = 16;
    private static final short IFLA_AF_SPEC = 26;
    private static final short AF_INET = 2;
    private static final short IFLA_INET_CONF = 1;
    private static final short IPV4_DEVCONF_RP_FILTER = 8;
    private static final int NLA = 4;
    private static final int NLMSG_HEADER = 16;
    private static final int IFINFOMSG = 16;

    private RpFilter() {}

    /** The interface's own value; empty where there is no such interface. */
    public static OptionalInt read(String device) throws IOException {
        Path file = Path.of("/proc/sys/net/ipv4/conf", requireName(device), "rp_filter");
        return Files.exists(file)
                ? OptionalInt.of(Integer.parseInt(Files.readString(file).strip()))
                : OptionalInt.empty();
    }

    /**
     * @param value 0-2
     * @throws IOException where there is no such interface or the kernel refuses (without CAP_NET_ADMIN: errno 1)
     */
    public static void write(String device, int value) throws IOException {
        exchange(device, message(requireName(device), value));
    }

    /**
     * Makes it loose where it is not. To write what is there already would be told to whoever listens to the kernel.
     *
     * @throws IOException as {@link #write}
     */
    public static void loosen(String device) throws IOException {
        if (read(device).orElse(0) != LOOSE) {
            write(device, LOOSE);
        }
    }

    private static String requireName(String device) {
        if (device.isEmpty() || device.length() > 15 || device.indexOf('/') >= 0 || device.startsWith(".")) {
            throw new IllegalArgumentException("not an interface name: " + device);
        }
        return device;
    }

    /**
     * RTM_SETLINK { IFLA_IFNAME, IFLA_AF_SPEC { AF_INET { IFLA_INET_CONF { RP_FILTER: u32 } } } }. By name, because Java
     * knows no interface that has no address.
     */
    private static byte[] message(String device, int value) {
        byte[] name = Arrays.copyOf(device.getBytes(StandardCharsets.US_ASCII), IFNAMSIZ);
        int length = NLMSG_HEADER + IFINFOMSG + NLA + IFNAMSIZ + 4 * NLA + 4;
        ByteBuffer message = ByteBuffer.allocate(length).order(ByteOrder.nativeOrder());
        message.putInt(length)
                .putShort(RTM_SETLINK)
                .putShort(NLM_F_REQUEST_ACK)
                .putInt(1)
                .putInt(0);
        message.put(new byte[IFINFOMSG]);
        attribute(message, IFLA_IFNAME, NLA + IFNAMSIZ);
        message.put(name);
        attribute(message, IFLA_AF_SPEC, 4 * NLA + 4);
        attribute(message, AF_INET, 3 * NLA + 4);
        attribute(message, IFLA_INET_CONF, 2 * NLA + 4);
        attribute(message, IPV4_DEVCONF_RP_FILTER, NLA + 4);
        return message.putInt(value).array();
    }

    private static void attribute(ByteBuffer message, short type, int length) {
        message.putShort((short) length).putShort(type);
    }

    private static void exchange(String device, byte[] message) throws IOException {
        int socket = LIBC.socket(LibC.AF_NETLINK, LibC.SOCK_RAW_CLOEXEC, LibC.NETLINK_ROUTE);
        if (socket < 0) {
            throw new IOException("netlink socket: errno " + LibC.errno());
        }
        try {
            if (LIBC.send(socket, message, message.length, 0) != message.length) {
                throw new IOException("netlink send: errno " + LibC.errno());
            }
            byte[] buffer = new byte[4096];
            long read = LIBC.recv(socket, buffer, buffer.length, 0);
            if (read < NLMSG_HEADER + 4) {
                throw new IOException("netlink answer of " + read + " bytes, errno " + LibC.errno());
            }
            ByteBuffer answer =
                    ByteBuffer.wrap(Arrays.copyOf(buffer, (int) read)).order(ByteOrder.nativeOrder());
            int error = answer.getInt(NLMSG_HEADER);
            if (answer.getShort(4) != NLMSG_ERROR || error != 0) {
                throw new IOException("rp_filter of " + device + ": netlink error " + error);
            }
        } finally {
            LIBC.close(socket);
        }
    }
}
