/** The operator against a real API server: real admission, real server-side apply, real tokens; no controllers, no nodes. */
@NullMarked
package io.tombolo.operator;

import org.jspecify.annotations.NullMarked;
