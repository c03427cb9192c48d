/** Routes, rules and nexthops of this node that are ours: read from the kernel, changed by {@code ip -batch}. */
@NullMarked
package io.tombolo.gateway.route;

import org.jspecify.annotations.NullMarked;
