/**
 * Taxes on lines.
 *
 * <p>Owns: rates, inclusive and exclusive, exemption, GST split. Does not own: the lines.
 */
@NullMarked
package io.tollgate.controlplane.tax;

import org.jspecify.annotations.NullMarked;
