/** The kubectl plugin: it reads and writes the API with the caller's own rights, and runs nothing on nodes. */
@NullMarked
package io.tombolo.cli;

import org.jspecify.annotations.NullMarked;
