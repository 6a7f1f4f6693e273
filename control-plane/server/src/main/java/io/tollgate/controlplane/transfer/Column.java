package io.tollgate.controlplane.transfer;

import java.util.Locale;

/**
 * A column of a table that is moved. A dot in its name nests it in JSON: {@code billing.country}.
 *
 * @param type what its cells hold
 * @param imported whether an import takes it; what an export adds for readers is passed over
 */
record Column(String name, Type type, boolean imported) {
  /** What a cell holds. */
  enum Type {
    TEXT,
    /** Texts; in CSV one a line of the cell. */
    LINES,
    WHOLE,
    DECIMAL,
    BOOL,
    INSTANT,
    /** Keys with quantities; in CSV {@code seats:3;ssl:1}. */
    QUANTITIES,
    /** Codes; in CSV with semicolons between. */
    CODES,
    /** An object or a list; in CSV its JSON. */
    JSON
  }

  static Column text(String name) {
    return new Column(name, Type.TEXT, true);
  }

  static Column of(String name, Type type) {
    return new Column(name, type, true);
  }

  /** A column for readers. */
  static Column shown(String name, Type type) {
    return new Column(name, type, false);
  }

  @Override
  public String toString() {
    return name + " (" + type.name().toLowerCase(Locale.ROOT) + ")";
  }
}
