/**
 * What is sold.
 *
 * <p>Owns: versioned, immutable catalogs of products, plans, prices, add-ons, features, limits,
 * meters and policies; their YAML format. Does not own: who bought it.
 */
@NullMarked
package io.tollgate.controlplane.catalog;

import org.jspecify.annotations.NullMarked;
