/** The roles of Tombolo and the one entry point that knows them all. */
@NullMarked
package io.tombolo;

import org.jspecify.annotations.NullMarked;
