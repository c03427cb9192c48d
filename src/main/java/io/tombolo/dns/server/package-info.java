/**
 * Sockets and wire: reads queries over bytes, answers them from the zone that is in force, over UDP and TCP. The parser
 * is our own, bounded, and allocates nothing per query.
 */
@NullMarked
package io.tombolo.dns.server;

import org.jspecify.annotations.NullMarked;
