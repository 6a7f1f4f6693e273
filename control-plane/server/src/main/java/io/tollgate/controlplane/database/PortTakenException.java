package io.tollgate.controlplane.database;

/** Somebody else listens where the embedded server is to listen. */
public final class PortTakenException extends DatabaseException {
  private static final long serialVersionUID = 1L;

  PortTakenException(String message, Throwable cause) {
    super(message, cause);
  }
}
