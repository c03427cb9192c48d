/** One {@link io.tombolo.plan.tunnel.Topology} from which every device, route and rule of the tunnel follows. */
@NullMarked
package io.tombolo.plan.tunnel;

import org.jspecify.annotations.NullMarked;
