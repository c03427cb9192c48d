/** The catalogue of problems: every condition reason, event, metric label and log key that names a fault comes from it. */
@NullMarked
package io.tombolo.problem;

import org.jspecify.annotations.NullMarked;
