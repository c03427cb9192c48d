/** The cluster DNS: what of its configuration is ours. */
@NullMarked
package io.tombolo.plan.dns;

import org.jspecify.annotations.NullMarked;
