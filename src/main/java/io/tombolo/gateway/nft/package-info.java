/** The table {@code tombolo_gateway}: applied whole in one transaction, or by element where only exports changed. */
@NullMarked
package io.tombolo.gateway.nft;

import org.jspecify.annotations.NullMarked;
