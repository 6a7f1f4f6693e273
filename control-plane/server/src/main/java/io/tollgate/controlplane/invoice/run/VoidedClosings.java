package io.tollgate.controlplane.invoice.run;

import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.invoice.Draft;
import io.tollgate.controlplane.invoice.Invoice;
import io.tollgate.controlplane.invoice.InvoiceListener;
import io.tollgate.controlplane.invoice.composition.Bill;
import io.tollgate.controlplane.subscription.RevisionKey;
import java.time.Instant;
import java.util.List;

/** Has the next closing invoice bill what a voided one had billed. */
record VoidedClosings(Sources sources, LastPeriods periods) implements InvoiceListener {
  @Override
  public void freed(Transaction tx, Invoice invoice, List<Draft.Claim> claims) {
    String tenant = invoice.tenant();
    Instant now = periods.clocks().now(tx, tenant);
    for (Draft.Claim claim : claims) {
      if (claim.kind().startsWith(Bill.CLOSING)) {
        String closing = Closing.name(claim.subscription(), claim.kind(), claim.start());
        sources.usages().waitAgain(tx, closing);
        sources.prepaid().giveBackLate(tx, tenant, closing, now);
        periods.waitsAgain(tx, tenant, new RevisionKey(claim.subscription(), claim.revision()));
      }
    }
  }
}
