/**
 * Pure planning: values in, desired state and findings out. No clock, no I/O, no logger, no Kubernetes classes. What the
 * operator reports, what the gateway does and what {@code kubectl tombolo plan} prints come from here, and so agree.
 */
@NullMarked
package io.tombolo.plan;

import org.jspecify.annotations.NullMarked;
