package io.tollgate.controlplane.database;

import org.jspecify.annotations.Nullable;

/** Nobody answered at the database's address within the bound; the message says what was tried. */
public final class DatabaseUnreachableException extends DatabaseException {
  private static final long serialVersionUID = 1L;

  DatabaseUnreachableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
