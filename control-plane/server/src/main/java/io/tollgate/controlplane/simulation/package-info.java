/**
 * What would have been.
 *
 * <p>Owns: scenarios on a test clock and re-rating under a draft catalog. Does not own: the rules
 * it runs.
 */
@NullMarked
package io.tollgate.controlplane.simulation;

import org.jspecify.annotations.NullMarked;
