/**
 * Speed, measured beside a peer in the same run and told as a ratio.
 *
 * <p>Owns: the benchmarks, their loads and their peers' settings. Does not own: what is measured;
 * the programs run as their users run them, as processes of their own.
 */
@NullMarked
package io.tollgate.examples.benchmarks;

import org.jspecify.annotations.NullMarked;
