package io.tollgate.controlplane.invoice;

/** What a billing document asks for or gives back. Each kind has its own number series. */
public enum DocumentKind {
  /** The tenant owes the total. */
  INVOICE,
  /** The total, negative, is given back: against an invoice or as credit for the next ones. */
  CREDIT_NOTE
}
