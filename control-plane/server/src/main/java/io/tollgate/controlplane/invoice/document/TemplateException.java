package io.tollgate.controlplane.invoice.document;

import java.io.Serial;

/** A template or a file beside it cannot be used; the message names file, line and reason. */
public final class TemplateException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  TemplateException(String message, Throwable cause) {
    super(message, cause);
  }
}
