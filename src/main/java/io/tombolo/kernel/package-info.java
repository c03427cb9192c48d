/**
 * From a plan to the kernel: routes, rules and nft tables are read, compared and changed here, the same way for the
 * gateway and for the node agent. What is whose, the callers say.
 */
@NullMarked
package io.tombolo.kernel;

import org.jspecify.annotations.NullMarked;
