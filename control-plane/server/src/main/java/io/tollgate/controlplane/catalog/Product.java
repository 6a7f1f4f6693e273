package io.tollgate.controlplane.catalog;

import java.util.Objects;

/**
 * Something sold on its own; a tenant can subscribe to several products (document 000), and to one
 * plan of each.
 *
 * @param key unique in the catalog
 * @param title for people
 */
public record Product(String key, String title) {
  public Product {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(title, "title");
  }
}
