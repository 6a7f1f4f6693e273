package io.tollgate.controlplane.database;

import org.jspecify.annotations.Nullable;

/** The database could not do what was asked, for a reason that is not the caller's mistake. */
public class DatabaseException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** An error with its cause. */
  public DatabaseException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
