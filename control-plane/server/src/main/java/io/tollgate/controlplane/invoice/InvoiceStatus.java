package io.tollgate.controlplane.invoice;

/**
 * How far an invoice has come. A draft may still change; every later state is final and its lines
 * never change again.
 */
public enum InvoiceStatus {
  /** Composed, without a number, inside the grace window. */
  DRAFT,
  /** Final, numbered, with an amount due. */
  OPEN,
  /** Final and settled in full, by payment, by credit, or because its total was zero. */
  PAID,
  /** Final, numbered and withdrawn; the number stays visible and is never used again. */
  VOID,
  /** Of nothing, and kept without a number: it is no document, and says that nothing was due. */
  CLOSED
}
