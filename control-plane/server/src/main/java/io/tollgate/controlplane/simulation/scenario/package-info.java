/**
 * Scenario files: a catalog, tenants and a timeline on a test clock.
 *
 * <p>Owns: their format, running them through the rooms that serve live tenants, and what they
 * print. Does not own: the rules they run.
 */
@NullMarked
package io.tollgate.controlplane.simulation.scenario;

import org.jspecify.annotations.NullMarked;
