/**
 * The role that answers for {@code clusterset.local}: watches imports, their EndpointSlices and the links' health, and
 * serves what follows. Read only: it writes nothing but its own state file.
 */
@NullMarked
package io.tombolo.dns;

import org.jspecify.annotations.NullMarked;
