package io.tollgate.proxy;

/** Why the proxy could not start, in one line for the one who started it. */
final class StartFailure extends Exception {
  private static final long serialVersionUID = 1L;

  private final int exitStatus;

  StartFailure(int exitStatus, String message, Throwable cause) {
    super(message, cause);
    this.exitStatus = exitStatus;
  }

  int exitStatus() {
    return exitStatus;
  }
}
