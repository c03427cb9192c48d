package io.tombolo.observe;

import java.util.Locale;

/** Every metric, with what it counts. The name is the constant's, with {@code tombolo_} ahead. */
public enum Metric {
    /** Labels {@code transport}, {@code type}, {@code rcode}. */
    DNS_QUERIES_TOTAL("counter", "Queries received, by transport, type and rcode; dropped: not answered."),
    DNS_TCP_CONNECTIONS("gauge", "TCP connections open now."),
    DNS_SERVICES("gauge", "Imported services in the zone."),
    DNS_SYNCED("gauge", "1 where the zone follows the API server, 0 where it is served from the state of before."),
    DNS_ZONE_SERIAL("gauge", "Serial of the zone in force.");

    private final String type;
    private final String help;

    Metric(String type, String help) {
        this.type = type;
        this.help = help;
    }

    /** As scraped, such as {@code tombolo_dns_queries_total}. */
    public String id() {
        return "tombolo_" + name().toLowerCase(Locale.ROOT);
    }

    public String type() {
        return type;
    }

    public String help() {
        return help;
    }
}
