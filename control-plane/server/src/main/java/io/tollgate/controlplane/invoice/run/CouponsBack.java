package io.tollgate.controlplane.invoice.run;

import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.discount.Redemptions;
import io.tollgate.controlplane.invoice.Invoice;
import io.tollgate.controlplane.invoice.InvoiceListener;
import java.util.List;

/**
 * A coupon's period counts no more where the invoice is gone on which it took something off: the
 * one made in its place, or the next, has it again.
 */
record CouponsBack(Discounts discounts) implements InvoiceListener {
  @Override
  public void voided(Transaction tx, Invoice invoice) {
    of(tx, List.of(invoice.id()));
  }

  /** Of void invoices, or of drafts that are about to be withdrawn. */
  void of(Transaction tx, List<String> invoices) {
    List<Redemptions.Line> gone = lowered(tx, invoices, true);
    if (!gone.isEmpty()) {
      discounts.gaveBack(tx, gone, () -> lowered(tx, invoices, false));
    }
  }

  private static List<Redemptions.Line> lowered(
      Transaction tx, List<String> invoices, boolean gone) {
    return GrantStore.lowered(tx, invoices).stream()
        .filter(lowered -> lowered.gone() == gone)
        .map(GrantStore.Lowered::line)
        .toList();
  }
}
