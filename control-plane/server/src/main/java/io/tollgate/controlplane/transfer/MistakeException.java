package io.tollgate.controlplane.transfer;

import java.io.Serial;

/** What a file says cannot be read, or cannot be. */
final class MistakeException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private final int line;
  private final String field;

  /**
   * A mistake.
   *
   * @param line from 1; in JSON the item, from 1
   * @param field the column; empty for the whole row
   */
  MistakeException(int line, String field, String detail) {
    super(detail, null, false, false);
    this.line = line;
    this.field = field;
  }

  int line() {
    return line;
  }

  String field() {
    return field;
  }
}
