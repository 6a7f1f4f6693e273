package io.tollgate.controlplane.invoice;

import io.tollgate.controlplane.database.Transaction;
import java.util.List;

/**
 * Is told what became of invoices, in the transaction in which it happened. Rooms after this one
 * implement what concerns them; what they throw undoes the change.
 */
public interface InvoiceListener {
  /**
   * Documents became final: open invoices with an amount due, invoices settled at once because
   * nothing was due, and credit notes.
   *
   * @param invoices at least one; a run finalizes hundreds together, so answer with few statements
   */
  default void finalized(Transaction tx, List<Invoice> invoices) {}

  /** An open invoice was settled in full, by payment or by credit. */
  default void paid(Transaction tx, Invoice invoice) {}

  /** A final invoice was withdrawn. Nothing is due on it any more. */
  default void voided(Transaction tx, Invoice invoice) {}

  /** What a withdrawn invoice had claimed is free again, and waits to be billed. */
  default void freed(Transaction tx, Invoice invoice, List<Draft.Claim> claims) {}
}
