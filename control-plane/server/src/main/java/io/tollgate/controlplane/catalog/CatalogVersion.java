package io.tollgate.controlplane.catalog;

import java.time.Instant;

/**
 * A catalog as it was applied. Never changes: a subscriber keeps the version it subscribed to until
 * it is migrated.
 *
 * @param name the catalog's name
 * @param version from 1, without gaps per name
 * @param appliedAt when
 * @param catalog what it says
 */
public record CatalogVersion(String name, int version, Instant appliedAt, Catalog catalog) {
  /** As {@code name@version}. */
  public String reference() {
    return name + "@" + version;
  }
}
