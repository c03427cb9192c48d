/**
 * Whether a way to a gateway passes packets, in both directions, and how fast: small UDP packets on a thread of their own.
 * Gateways probe their lanes, and nodes and gateways of a cluster that has several gateways each other on the underlay.
 */
@NullMarked
package io.tombolo.probe;

import org.jspecify.annotations.NullMarked;
