/** WireGuard devices: what they are, and what they are told. Reads and writes through {@code wg} and {@code ip}; a private key travels on standard input only. */
@NullMarked
package io.tombolo.gateway.wireguard;

import org.jspecify.annotations.NullMarked;
