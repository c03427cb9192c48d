/**
 * Who a cluster is and what it may say of itself: the identity (Ed25519), the announcement's bytes, signing and
 * verifying. Pure: no I/O and no clock.
 */
@NullMarked
package io.tombolo.trust;

import org.jspecify.annotations.NullMarked;
