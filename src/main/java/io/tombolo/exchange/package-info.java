/**
 * What gateways of linked clusters tell each other over the lanes: exported services and announcements. One stream per
 * direction and pair of gateways, a snapshot and then changes. Everything runs on one thread and one network thread;
 * whatever a peer sends is bounded and parsed into our own values before anything else sees it.
 */
@NullMarked
package io.tombolo.exchange;

import org.jspecify.annotations.NullMarked;
