/**
 * The catalogs as they were applied.
 *
 * <p>Owns: versions, what differs between two, applying and archiving, and their routes. Does not
 * own: which version a subscriber keeps.
 */
@NullMarked
package io.tollgate.controlplane.catalog.version;

import org.jspecify.annotations.NullMarked;
