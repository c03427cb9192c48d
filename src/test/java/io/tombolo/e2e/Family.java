package io.tombolo.e2e;

import java.util.List;

/** IPv4 or IPv6, as the programs in the pods are told. */
enum Family {
    IPV4("-4", "UDP4"),
    IPV6("-6", "UDP6");

    private final String curl;
    private final String socat;

    Family(String curl, String socat) {
        this.curl = curl;
        this.socat = socat;
    }

    static Family of(String address) {
        return address.indexOf(':') < 0 ? IPV4 : IPV6;
    }

    /** The one of these addresses that is of this family. */
    String of(List<String> addresses) {
        return addresses.stream()
                .filter(address -> of(address) == this)
                .findFirst()
                .orElseThrow(() -> new AssertionError("none of " + addresses + " is " + this));
    }

    /** A command that asks a probe over TCP; {@code host} is a name, or an address of this family. */
    String[] tcp(String host, int port) {
        return new String[] {"curl", curl, "-gsf", "-m", "3", "http://" + literal(host) + ":" + port + "/cgi-bin/who"};
    }

    /** The same with one datagram; it ends with the answer, or without one after 3 s. */
    String[] udp(String host, int port) {
        return new String[] {
            "sh",
            "-c",
            "socat -t 0.1 -T 3 " + socat + ":" + literal(host) + ":" + port
                    + " SYSTEM:'echo ask; read -r answer; echo \"$answer\" >&2' 2>&1"
        };
    }

    private static String literal(String host) {
        return host.indexOf(':') < 0 ? host : "[" + host + "]";
    }
}
