/** Exports, conflicts, imports, and who receives traffic now. */
@NullMarked
package io.tombolo.plan.service;

import org.jspecify.annotations.NullMarked;
