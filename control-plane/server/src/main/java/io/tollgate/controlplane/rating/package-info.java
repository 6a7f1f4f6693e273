/**
 * Units and terms to priced lines.
 *
 * <p>Owns: price models and proration, pure. Does not own: storage or time.
 */
@NullMarked
package io.tollgate.controlplane.rating;

import org.jspecify.annotations.NullMarked;
