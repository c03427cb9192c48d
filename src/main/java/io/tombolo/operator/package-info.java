/**
 * The operator's process: what runs once per cluster. The only room with JOSDK and Quarkus. One package per kind, each a
 * reconciler, one small class per object it writes, and pure planners for what it says.
 */
@NullMarked
package io.tombolo.operator;

import org.jspecify.annotations.NullMarked;
