/**
 * The kinds of the Multi-Cluster Services API (KEP-1645, {@code multicluster.x-k8s.io}) and the About API (KEP-2149), as
 * far as we read and write them. Their CRDs are upstream's ({@code deploy/mcs-crds}), not generated from here.
 */
@NullMarked
package io.tombolo.api.mcs;

import org.jspecify.annotations.NullMarked;
