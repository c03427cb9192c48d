/** What must change so that the observed becomes the desired. */
@NullMarked
package io.tombolo.plan.diff;

import org.jspecify.annotations.NullMarked;
