package io.tollgate.controlplane.invoice.run;

import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.invoice.Invoice;
import io.tollgate.controlplane.invoice.InvoiceListener;
import io.tollgate.controlplane.invoice.InvoiceStatus;
import io.tollgate.controlplane.wallet.Wallets;
import java.util.List;

/** Fills wallets when the invoices of their top-ups are paid. */
final class TopUpPayments implements InvoiceListener {
  private final Wallets wallets;

  TopUpPayments(Wallets wallets) {
    this.wallets = wallets;
  }

  @Override
  public void finalized(Transaction tx, List<Invoice> invoices) {
    List<String> settled =
        invoices.stream()
            .filter(invoice -> invoice.status() == InvoiceStatus.PAID)
            .map(Invoice::id)
            .toList();
    if (!settled.isEmpty()) {
      wallets.paid(tx, settled);
    }
  }

  @Override
  public void paid(Transaction tx, Invoice invoice) {
    wallets.paid(tx, List.of(invoice.id()));
  }

  @Override
  public void voided(Transaction tx, Invoice invoice) {
    // Invoices gives back what was paid, and gives the top-up up, before it tells.
  }
}
