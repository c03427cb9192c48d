/** ClusterLink: runs the topology planner over everything and says what it found. */
@NullMarked
package io.tombolo.operator.clusterlink;

import org.jspecify.annotations.NullMarked;
