/**
 * Our kinds as records: what is on the wire, with the schema the API server holds it against. No logic. Components have
 * the names of the JSON fields; whatever the schema does not require is {@code @Nullable}, because an absent list must
 * stay absent: server-side apply would own an empty one. The files under {@code crds/} are generated from here.
 */
@NullMarked
package io.tombolo.api.v1alpha1;

import org.jspecify.annotations.NullMarked;
