/**
 * The importer: what peers export becomes ServiceImports, derived Services and EndpointSlices here. It runs in every
 * gateway and works in the one that holds the Lease; every pass starts from what is heard and what stands, so whoever
 * takes over goes on where the other stopped.
 */
@NullMarked
package io.tombolo.services;

import org.jspecify.annotations.NullMarked;
