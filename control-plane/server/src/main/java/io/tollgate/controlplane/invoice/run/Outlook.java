package io.tollgate.controlplane.invoice.run;

import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.invoice.InvoiceDetails;
import io.tollgate.controlplane.invoice.Invoices;
import io.tollgate.controlplane.subscription.Command;
import io.tollgate.controlplane.subscription.Revision;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.SubscriptionState;
import io.tollgate.controlplane.subscription.Subscriptions;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;

/** What steps that are not taken would bill. Nothing is written. Thread-safe. */
public final class Outlook {
  private final Billing billing;
  private final Sources sources;
  private final Invoices invoices;
  private final Subscriptions subscriptions;

  Outlook(Billing billing, Sources sources, Invoices invoices, Subscriptions subscriptions) {
    this.billing = billing;
    this.sources = sources;
    this.invoices = invoices;
    this.subscriptions = subscriptions;
  }

  /**
   * What a step leads to.
   *
   * @param effectiveAt when it takes effect
   * @param invoices the documents it makes then, with the lines they would have as things stand,
   *     and what the balance and wallets as they are would pay of them
   */
  public record Seen(Instant effectiveAt, List<InvoiceDetails> invoices) {
    public Seen {
      invoices = List.copyOf(invoices);
    }
  }

  /** Asks ahead what a step of a subscription needs to be made now and priced. */
  void foresee(Transaction tx, Subscription before, Instant now) {
    subscriptions.foresee(tx, before);
    sources.foresee(tx, before);
    invoices.foreseeBalance(tx, before.tenant(), before.currency());
    ChargedStore.foresee(
        tx, new ChargedStore.Asked(before.id(), now, before.current().start(), null));
    tx.askForeseen();
  }

  /**
   * What a step bills: at once, or when it comes, with the period's end or before it.
   *
   * @param before the subscription as it stands
   * @param step made by one of the previews of {@link Subscriptions}
   */
  public Seen of(Transaction tx, Subscription before, Revision step) {
    Subscription after = step.after();
    boolean atOnce =
        !after.items().equals(before.items())
            || !after.current().equals(before.current())
            || after.version() != before.version();
    boolean waits =
        !after.state().isOver()
            && !atOnce
            && (!after.scheduled().equals(before.scheduled())
                || (after.cancelAt() != null && !after.cancelAt().equals(before.cancelAt())));
    boolean trialMoves = step.command() == Command.TRIAL;
    return seen(tx, waits || trialMoves ? nextBilled(tx, after).orElse(step) : step);
  }

  /**
   * What a subscription's next invoice bills that is made by itself: with its period's end, its
   * trial's or its own, or a dated start.
   *
   * @throws io.tollgate.controlplane.web.Problem 409 where none is to come: it is over, or stands
   *     still until somebody resumes it
   */
  public Seen upcoming(Transaction tx, Subscription subscription) {
    return nextBilled(tx, subscription)
        .map(taken -> seen(tx, taken))
        .orElseThrow(
            () ->
                subscriptions.conflict(
                    tx,
                    subscription,
                    "it is " + subscription.state().word() + "; no invoice is to come by itself"));
  }

  /** The first of the steps to come by themselves that bills anything. */
  private Optional<Revision> nextBilled(Transaction tx, Subscription subscription) {
    Optional<Revision> step = subscriptions.next(tx, subscription);
    while (step.isPresent() && billsNothing(step.get())) {
      step = subscriptions.next(tx, step.get().after());
    }
    return step;
  }

  /** A trial that begins, a pause, and one that is over: what they lead to bills. */
  private static boolean billsNothing(Revision step) {
    return step.command() == Command.RESUME
        || step.command() == Command.PAUSE
        || step.after().state() instanceof SubscriptionState.Trial;
  }

  private Seen seen(Transaction tx, Revision step) {
    String tenant = step.after().tenant();
    CurrencyUnit currency = step.after().currency();
    // Asked with what the preview asks, where nobody foresaw it.
    Supplier<Money> balance = tx.ask(() -> invoices.balance(tx, tenant, currency));
    Supplier<Money> prepaid = tx.ask(() -> sources.prepaid().money(tx, tenant, currency));
    List<InvoiceDetails> made = billing.preview(tx, List.of(step));
    return new Seen(step.at(), Invoices.foreseen(made, balance.get(), prepaid.get()));
  }
}
