/** Whether a lane passes packets, in both directions, and how fast: small UDP packets on a thread of their own. */
@NullMarked
package io.tombolo.gateway.probe;

import org.jspecify.annotations.NullMarked;
