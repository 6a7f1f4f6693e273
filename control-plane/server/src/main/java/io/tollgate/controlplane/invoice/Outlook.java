package io.tollgate.controlplane.invoice;

import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.subscription.Revision;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.Subscriptions;
import java.time.Instant;
import java.util.List;

/** What steps that are not taken would bill. Nothing is written. Thread-safe. */
public final class Outlook {
  private final Billing billing;
  private final Subscriptions subscriptions;

  Outlook(Billing billing, Subscriptions subscriptions) {
    this.billing = billing;
    this.subscriptions = subscriptions;
  }

  /**
   * What a step leads to.
   *
   * @param effectiveAt when it takes effect
   * @param invoices the documents it makes then, with the lines they would have as things stand
   */
  public record Seen(Instant effectiveAt, List<InvoiceDetails> invoices) {
    public Seen {
      invoices = List.copyOf(invoices);
    }
  }

  /**
   * What a step bills: at once, or at the period's end for which it waits.
   *
   * @param before the subscription as it stands
   * @param step made by one of the previews of {@link Subscriptions}
   */
  public Seen of(Transaction tx, Subscription before, Revision step) {
    Subscription after = step.after();
    boolean waits =
        !after.state().isOver()
            && (!after.scheduled().equals(before.scheduled())
                || (after.cancelAt() != null && before.cancelAt() == null));
    return waits
        ? new Seen(
            after.current().end(),
            billing.preview(tx, List.of(subscriptions.previewEnd(tx, after))))
        : new Seen(step.at(), billing.preview(tx, List.of(step)));
  }
}
