/** What benchmarks under {@code e2e/bench} run beside the product: the other side of many links, by script. */
@NullMarked
package io.tombolo.bench;

import org.jspecify.annotations.NullMarked;
