package io.tollgate.controlplane.invoice;

/**
 * The invoice's state forbids what was asked: answered with 409, naming the state and what is
 * possible in it.
 */
public final class InvoiceStateException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final InvoiceStatus status;

  InvoiceStateException(Invoice invoice, String possible) {
    super("invoice " + invoice.id() + " is " + invoice.status() + ": " + possible);
    this.status = invoice.status();
  }

  /** The state that forbids it. */
  public InvoiceStatus status() {
    return status;
  }
}
