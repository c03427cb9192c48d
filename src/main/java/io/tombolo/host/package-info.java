/** The only room that spawns processes, calls native code and touches settings of the host. */
@NullMarked
package io.tombolo.host;

import org.jspecify.annotations.NullMarked;
