package io.tollgate.controlplane.dunning;

import io.tollgate.contract.Access;
import io.tollgate.contract.BillingState;
import io.tollgate.contract.Standing;
import io.tollgate.controlplane.catalog.Policies.Dunning;
import io.tollgate.controlplane.catalog.Policies.Step;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.SubscriptionState;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The one place where standing comes from: a pure function of subscriptions, unpaid invoices and
 * the day. Nothing stores "suspended" and has to be undone; a payment changes the invoices, and the
 * standing with them.
 *
 * <p>Each subscription stands for itself: only an invoice that carries its charges can block it, so
 * a subscription paid a year ahead survives another one's debt (killbill#1997). The tenant stands
 * as its best subscription does, and a subscription without access gives no features and limits.
 */
final class Standings {
  /** From best to worst; the tenant takes the best, a subscription the worst of its invoices. */
  private static final List<BillingState> ORDER =
      List.of(
          BillingState.ACTIVE,
          BillingState.TRIAL,
          BillingState.PAST_DUE,
          BillingState.GRACE,
          BillingState.READ_ONLY,
          BillingState.PAUSED,
          BillingState.SUSPENDED,
          BillingState.EXPIRED,
          BillingState.CANCELLED,
          BillingState.TERMINATED,
          BillingState.NONE);

  private static final Comparator<Standing> BEST_FIRST =
      Comparator.comparingInt(standing -> ORDER.indexOf(standing.state()));

  private Standings() {}

  /**
   * Derives a tenant's standing.
   *
   * @param subscriptions all of the tenant's, ended ones too
   * @param unpaid its open invoices
   * @param policy the dunning policy of a subscription's catalog version
   * @param today in the tenant's billing zone, by the tenant's clock
   */
  static TenantStanding derive(
      List<Subscription> subscriptions,
      List<UnpaidInvoice> unpaid,
      Function<Subscription, Dunning> policy,
      LocalDate today) {
    Map<String, Standing> each = new LinkedHashMap<>();
    for (Subscription subscription : subscriptions) {
      each.put(subscription.id(), of(subscription, unpaid, policy.apply(subscription), today));
    }
    Standing best =
        each.values().stream()
            .min(BEST_FIRST)
            .orElseGet(() -> standing(BillingState.NONE, "there is no subscription"));
    return new TenantStanding(best, each);
  }

  /** What a state means at the door (document 002). */
  static Access access(BillingState state) {
    return switch (state) {
      case TRIAL, ACTIVE, PAST_DUE, GRACE -> Access.FULL;
      case READ_ONLY -> Access.READ_ONLY;
      case PAUSED, SUSPENDED, CANCELLED, EXPIRED, TERMINATED, NONE -> Access.NONE;
    };
  }

  private static Standing of(
      Subscription subscription, List<UnpaidInvoice> unpaid, Dunning policy, LocalDate today) {
    return switch (subscription.state()) {
      case SubscriptionState.Pending pending ->
          standing(BillingState.NONE, "the subscription has not begun");
      case SubscriptionState.Trial trial ->
          overdue(subscription, unpaid, policy, today)
              .orElseGet(() -> standing(BillingState.TRIAL, "the trial is running"));
      case SubscriptionState.Active active ->
          overdue(subscription, unpaid, policy, today)
              .orElseGet(() -> standing(BillingState.ACTIVE, "nothing is overdue"));
      case SubscriptionState.Paused paused ->
          overdue(subscription, unpaid, policy, today)
              .filter(standing -> standing.access() == Access.NONE)
              .orElseGet(() -> standing(BillingState.PAUSED, "the subscription is paused"));
      case SubscriptionState.Cancelled cancelled ->
          standing(BillingState.CANCELLED, "the subscription was cancelled");
      case SubscriptionState.Expired expired ->
          standing(BillingState.EXPIRED, "the trial has ended");
      case SubscriptionState.Terminated terminated ->
          standing(BillingState.TERMINATED, "the subscription was terminated for non-payment");
    };
  }

  private static Optional<Standing> overdue(
      Subscription subscription, List<UnpaidInvoice> unpaid, Dunning policy, LocalDate today) {
    return unpaid.stream()
        .filter(invoice -> invoice.concerns(subscription.id()))
        .flatMap(invoice -> of(invoice, policy, today).stream())
        .max(BEST_FIRST);
  }

  private static Optional<Standing> of(UnpaidInvoice invoice, Dunning policy, LocalDate today) {
    long day = invoice.day(today, policy);
    Optional<BillingState> reached =
        policy.steps().stream()
            .filter(step -> step.day() <= day)
            .map(Step::state)
            .filter(state -> state != null)
            .reduce((earlier, later) -> later);
    boolean late =
        day > policy.dueDay() || (day == policy.dueDay() && invoice.declined().getAsInt() > 0);
    if (reached.isEmpty() && !late) {
      return Optional.empty();
    }
    return Optional.of(
        standing(reached.orElse(BillingState.PAST_DUE), reason(invoice, day - policy.dueDay())));
  }

  private static String reason(UnpaidInvoice invoice, long daysOverdue) {
    String name = "invoice " + invoice.number();
    if (daysOverdue <= 0) {
      return name + " is due and its payment was declined";
    }
    return name + " is " + daysOverdue + (daysOverdue == 1 ? " day" : " days") + " overdue";
  }

  private static Standing standing(BillingState state, String reason) {
    return new Standing(state, access(state), reason);
  }
}
