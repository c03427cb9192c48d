/**
 * Services at the edge of Kubernetes: what this cluster exports, read from its objects; what it imports, written as
 * objects. Gateways and the operator read exports through the same reader; only the importer writes.
 */
@NullMarked
package io.tombolo.kube.service;

import org.jspecify.annotations.NullMarked;
