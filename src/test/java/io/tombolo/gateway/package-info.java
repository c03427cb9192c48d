/** Real tunnels between network namespaces, and golden text of what is planned. */
@NullMarked
package io.tombolo.gateway;

import org.jspecify.annotations.NullMarked;
