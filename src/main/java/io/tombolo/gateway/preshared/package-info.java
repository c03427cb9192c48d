/** How the two ends of a lane agree on a new pre-shared key, without clock, socket or device. */
@NullMarked
package io.tombolo.gateway.preshared;

import org.jspecify.annotations.NullMarked;
