package io.tollgate.yaml;

import java.util.Objects;

/** A value that never appears in a log, an error or a dump: {@link #toString} tells nothing. */
public final class Secret {
  private final String value;

  /** Wraps a secret. */
  public Secret(String value) {
    this.value = Objects.requireNonNull(value, "value");
  }

  /** The secret itself, for the one call that needs it. */
  public String reveal() {
    return value;
  }

  @Override
  public String toString() {
    return "(secret)";
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Secret that && value.equals(that.value);
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }
}
