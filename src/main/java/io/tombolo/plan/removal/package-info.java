/** Whether an agent may take its own out of the node: only on proof that the installation is gone, never on a guess. */
@NullMarked
package io.tombolo.plan.removal;

import org.jspecify.annotations.NullMarked;
