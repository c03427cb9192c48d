/** GlobalService: owns a ServiceExport, and says who receives the service's traffic. */
@NullMarked
package io.tombolo.operator.globalservice;

import org.jspecify.annotations.NullMarked;
