/**
 * The zone as a value: imported services in, a tree of names out. Pure; knows neither sockets nor Kubernetes classes.
 * The rules are those of KEP-1645's DNS specification, schema 1.0.0.
 */
@NullMarked
package io.tombolo.dns.zone;

import org.jspecify.annotations.NullMarked;
