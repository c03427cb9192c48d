/** LocalCluster: detects the network, mints keys, signs the announcement, creates the workloads, wires the cluster DNS. */
@NullMarked
package io.tombolo.operator.localcluster;

import org.jspecify.annotations.NullMarked;
