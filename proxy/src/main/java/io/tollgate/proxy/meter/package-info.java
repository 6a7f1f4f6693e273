/**
 * From an exchange to readings.
 *
 * <p>Owns: what a finished exchange counts for, and the agent's letterbox. Does not own:
 * durability.
 */
@NullMarked
package io.tollgate.proxy.meter;

import org.jspecify.annotations.NullMarked;
