/**
 * One pure function from standing, features and limits to a sealed Decision that says why.
 *
 * <p>Owns: the order in which reasons are weighed, and their words. Does not own: state or I/O.
 */
@NullMarked
package io.tollgate.proxy.decision;

import org.jspecify.annotations.NullMarked;
