package io.tombolo.net;

/** The transport protocol of a port, with its name in Kubernetes and its number (IANA protocol numbers). */
public enum Transport {
    TCP(6),
    UDP(17),
    SCTP(132);

    private final int number;

    Transport(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }
}
