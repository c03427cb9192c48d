package io.tombolo.dns.zone;

/**
 * An SRV record (RFC 2782). Priority is 0 and weight 1 throughout: all targets are alike.
 *
 * @param port 1-65535
 * @param target never compressed on the wire
 * @param addresses the target's node, for the additional section
 */
public record Srv(int port, Name target, Node addresses) {}
