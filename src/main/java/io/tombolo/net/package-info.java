/**
 * Value types of the network: parse or throw. A value that exists is valid, prints in one canonical form, and holds no
 * reference to anything but the JDK.
 */
@NullMarked
package io.tombolo.net;

import org.jspecify.annotations.NullMarked;
