/**
 * Who did what, when.
 *
 * <p>Owns: the append-only, hash-chained trail. Does not own: what is worth recording.
 */
@NullMarked
package io.tollgate.controlplane.audit;

import org.jspecify.annotations.NullMarked;
