/**
 * What would have been.
 *
 * <p>Owns: re-rating under a draft catalog. Does not own: the rules it runs, and scenario files
 * ({@code simulation.scenario}).
 */
@NullMarked
package io.tollgate.controlplane.simulation;

import org.jspecify.annotations.NullMarked;
