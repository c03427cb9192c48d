/**
 * fabric8 at the edge: clients, watches, server-side apply, and the mapping between objects and the planners' views. No
 * java-operator-sdk here: every role but the node agent reads and writes the API through this room.
 */
@NullMarked
package io.tombolo.kube;

import org.jspecify.annotations.NullMarked;
