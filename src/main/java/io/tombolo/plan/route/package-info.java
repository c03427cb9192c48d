/** Routes, rules and nexthops as values, and which of them a gateway or a node wants. */
@NullMarked
package io.tombolo.plan.route;

import org.jspecify.annotations.NullMarked;
