package io.tollgate.controlplane.invoice.document;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** A template or a file beside it cannot be used; the message names file, line and reason. */
public final class TemplateException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  TemplateException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
