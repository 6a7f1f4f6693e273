/**
 * The pages people look at.
 *
 * <p>Owns: the web console and the tenant portal. Does not own: data.
 */
@NullMarked
package io.tollgate.controlplane.console;

import org.jspecify.annotations.NullMarked;
