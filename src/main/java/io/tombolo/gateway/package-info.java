/** The gateway of one slot: brings kernel, door and exchange in line with what the cluster's objects say, pass after pass. */
@NullMarked
package io.tombolo.gateway;

import org.jspecify.annotations.NullMarked;
