package io.tollgate.controlplane.catalog;

import java.util.List;
import java.util.Objects;

/**
 * A feature that plans switch on, bound or grade.
 *
 * @param key unique in the catalog; routes of the proxy name it
 * @param title for people
 * @param kind what a plan can say about it
 * @param unit what a {@link Kind#LIMITED} one is counted in; empty otherwise
 * @param levels of a {@link Kind#LEVELED} one, lowest first; empty otherwise
 */
public record Feature(String key, String title, Kind kind, String unit, List<String> levels) {
  /** What a plan can say about a feature. */
  public enum Kind {
    /** On or off. */
    SWITCH,
    /** Off, so many, or unlimited. */
    LIMITED,
    /** Off, or one of its levels. */
    LEVELED
  }

  public Feature {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(title, "title");
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(unit, "unit");
    levels = List.copyOf(levels);
    if ((kind == Kind.LEVELED) == levels.isEmpty()) {
      throw new IllegalArgumentException("levels: only and always for a leveled feature");
    }
  }
}
