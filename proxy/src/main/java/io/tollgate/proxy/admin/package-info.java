/**
 * The admin port.
 *
 * <p>Owns: health, metrics, explain, drain. Does not own: the data path.
 */
@NullMarked
package io.tollgate.proxy.admin;

import org.jspecify.annotations.NullMarked;
