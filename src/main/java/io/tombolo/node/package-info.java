/**
 * The agent of one node: reads ConfigMap {@code tombolo-network}, keeps the kernel as it says, and takes everything away on
 * proof that the installation is gone. Small on purpose: the JDK's HTTP client, a streaming JSON parser, one thread that
 * applies and one that watches; neither fabric8 nor databind.
 */
@NullMarked
package io.tombolo.node;

import org.jspecify.annotations.NullMarked;
