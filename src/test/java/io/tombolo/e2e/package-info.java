/**
 * End-to-end tests on two linked clusters. Which two is said by {@code TOMBOLO_E2E_CONTEXTS=a,b} and the usual kubeconfig;
 * they must be linked as the README says (the demo does that). What needs more than an API server, such as killing a
 * process on a node or capturing on the WAN, runs on the project's own lab and says so elsewhere.
 */
@NullMarked
package io.tombolo.e2e;

import org.jspecify.annotations.NullMarked;
