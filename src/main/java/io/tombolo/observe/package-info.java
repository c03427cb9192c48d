/** How roles say how they are: metric names in one place, and a small HTTP endpoint for those outside Quarkus. */
@NullMarked
package io.tombolo.observe;

import org.jspecify.annotations.NullMarked;
