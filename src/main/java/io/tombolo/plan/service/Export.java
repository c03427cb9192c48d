package io.tombolo.plan.service;

import io.tombolo.net.ClusterId;

/**
 * One cluster's export of the service being planned, ours included. A peer's has passed {@link PeerExportCheck}.
 *
 * @param live whether a lane to the cluster answers probes now; true for ourselves
 * @param shared whether the admin's {@code sharing} lets this cluster's export into the namespace here
 */
public record Export(ClusterId cluster, ExportedService service, boolean live, boolean shared) {}
