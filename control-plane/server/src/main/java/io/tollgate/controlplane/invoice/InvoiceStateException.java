package io.tollgate.controlplane.invoice;

import io.tollgate.controlplane.web.Problem;
import java.util.List;

/**
 * The invoice's state forbids what was asked: answered with 409, naming the state and what is
 * possible in it.
 */
public final class InvoiceStateException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final InvoiceStatus status;
  private final DocumentKind kind;
  private final String refused;

  /**
   * A refusal.
   *
   * @param possible in words, what the state asks for
   */
  public InvoiceStateException(Invoice invoice, String possible) {
    this(invoice, possible, "");
  }

  /**
   * A refusal of a command that the state allows to other invoices.
   *
   * @param refused its path below the invoice's
   */
  InvoiceStateException(Invoice invoice, String possible, String refused) {
    super("invoice " + invoice.id() + " is " + invoice.status() + ": " + possible);
    this.status = invoice.status();
    this.kind = invoice.kind();
    this.refused = refused;
  }

  /** 409, with the state and the paths below the invoice's that are possible in it. */
  public Problem problem() {
    List<String> possible =
        switch (status) {
          case DRAFT -> List.of("finalize");
          case OPEN ->
              List.of(
                  "payments", "pay-from-wallet", "collect", "credit-notes", "void", "deliveries");
          case PAID ->
              kind == DocumentKind.INVOICE
                  ? List.of("credit-notes", "deliveries")
                  : List.of("deliveries");
          case VOID -> List.of("deliveries");
          case CLOSED -> List.of();
        };
    return Problem.inState(
        String.valueOf(getMessage()),
        status,
        possible.stream().filter(command -> !command.equals(refused)).toList());
  }

  /** The state that forbids it. */
  public InvoiceStatus status() {
    return status;
  }
}
