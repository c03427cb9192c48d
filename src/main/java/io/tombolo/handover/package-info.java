/**
 * The document the operator hands to every node (ConfigMap {@code tombolo-network}): a record and its codec. Small
 * enough for the node agent, which loads neither fabric8 nor databind.
 */
@NullMarked
package io.tombolo.handover;

import org.jspecify.annotations.NullMarked;
