/** The nftables tables of a gateway and of a node, rendered whole. */
@NullMarked
package io.tombolo.plan.firewall;

import org.jspecify.annotations.NullMarked;
