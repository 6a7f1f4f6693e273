/**
 * The catalog's file.
 *
 * <p>Owns: reading the YAML format key by key, refusing what contradicts itself with line and
 * remedy, and the words of the format. Does not own: what the records mean once read.
 */
@NullMarked
package io.tollgate.controlplane.catalog.yaml;

import org.jspecify.annotations.NullMarked;
