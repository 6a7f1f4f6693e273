/**
 * What is sold.
 *
 * <p>Owns: products, plans, prices, add-ons, features, limits, meters, taxes and policies as
 * immutable records. Does not own: their file format ({@code catalog.yaml}), their versions ({@code
 * catalog.version}), and who bought them.
 */
@NullMarked
package io.tollgate.controlplane.catalog;

import org.jspecify.annotations.NullMarked;
