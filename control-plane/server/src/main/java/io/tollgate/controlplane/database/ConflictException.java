package io.tollgate.controlplane.database;

/** A unique constraint was violated: the row is there already. */
public final class ConflictException extends DatabaseException {
  private static final long serialVersionUID = 1L;

  private final String constraint;

  ConflictException(String constraint, Throwable cause) {
    super("a row with these keys exists already (" + constraint + ")", cause);
    this.constraint = constraint;
  }

  /** The violated constraint's name. */
  public String constraint() {
    return constraint;
  }
}
