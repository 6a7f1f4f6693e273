/**
 * The proxy's settings, as values that were checked.
 *
 * <p>Owns: what can be set, and what it is by default. Does not own: how it is written (that is
 * {@code config.yaml}'s), and what the values do.
 */
@NullMarked
package io.tollgate.proxy.config;

import org.jspecify.annotations.NullMarked;
