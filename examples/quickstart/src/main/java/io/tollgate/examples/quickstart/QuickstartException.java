package io.tollgate.examples.quickstart;

/** Why the quickstart cannot go on, in words for the person who started it. */
final class QuickstartException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  QuickstartException(String message) {
    super(message);
  }
}
