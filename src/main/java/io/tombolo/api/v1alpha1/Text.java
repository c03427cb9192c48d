package io.tombolo.api.v1alpha1;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** What a string must look like. On a list or map it speaks of the elements. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
public @interface Text {
    Shape value() default Shape.PLAIN;

    /** Bytes at most; 0: the shape's own limit. */
    int max() default 0;
}
