package io.tombolo.api.v1alpha1;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** How a list is bounded and merged ({@code maxItems}, {@code x-kubernetes-list-type}). */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
public @interface Items {
    int min() default 0;

    int max();

    ListType type() default ListType.ATOMIC;

    /** With {@link ListType#MAP}: the fields that identify an item. */
    String[] keys() default {};

    /** {@code x-kubernetes-list-type}. */
    enum ListType {
        ATOMIC,
        SET,
        MAP
    }
}
