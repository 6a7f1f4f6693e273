/**
 * Moving in and out.
 *
 * <p>Owns: exports as CSV and JSON, imports that are whole or not at all, other systems' catalogs
 * read as Tollgate's. Does not own: what is moved; each room checks its own.
 */
@NullMarked
package io.tollgate.controlplane.transfer;

import org.jspecify.annotations.NullMarked;
