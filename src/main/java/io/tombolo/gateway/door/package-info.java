/** First contact: announcements pass through the door, are verified, and are kept. */
@NullMarked
package io.tombolo.gateway.door;

import org.jspecify.annotations.NullMarked;
