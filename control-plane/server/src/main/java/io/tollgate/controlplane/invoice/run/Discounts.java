package io.tollgate.controlplane.invoice.run;

import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.discount.Redemptions;
import io.tollgate.controlplane.invoice.composition.Reduction;
import io.tollgate.controlplane.subscription.Revision;
import io.tollgate.controlplane.subscription.Subscription;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.joda.money.Money;

/** Says which discounts hold; the discount room's redemptions, as invoices apply them. */
public interface Discounts {
  /** No discounts at all. */
  Discounts NONE = (tx, revisions, used) -> Map.of();

  /**
   * A period of a subscription, whose earlier invoices may have used something of an amount.
   *
   * @param start when it began
   */
  record Granted(String subscription, Instant start) {
    static Granted of(Subscription subscription) {
      return new Granted(subscription.id(), subscription.current().start());
    }
  }

  /**
   * The rule of each subscription that has one, by subscription id, with few queries.
   *
   * @param used says what is used already of coupons, by period and code
   */
  Map<String, Reduction.Rule> of(
      Transaction tx,
      List<Revision> revisions,
      Function<Set<Granted>, Map<Granted, Map<String, Money>>> used);

  /**
   * As {@link #of} for steps that were billed before: by the coupons that lowered what was billed,
   * whether they were ended since, and by no others.
   *
   * @param took by subscription, the codes that took something off its lines; a subscription
   *     without a line to take off is missing, and goes by the coupons of today
   */
  default Map<String, Reduction.Rule> again(
      Transaction tx,
      List<Revision> revisions,
      Function<Set<Granted>, Map<Granted, Map<String, Money>>> used,
      Map<String, Set<String>> took) {
    return of(tx, revisions, used);
  }

  /** Asks ahead for the rule of a subscription ({@link Transaction#foresee}). */
  default void foresee(Transaction tx, Subscription of) {}

  /** Keeps in which periods coupons took something off, once that is billed. */
  default void took(Transaction tx, List<Redemptions.Taken> taken) {}

  /** Lets periods count no more in which coupons took something off lines that are gone. */
  default void gaveBack(
      Transaction tx, List<Redemptions.Line> gone, Supplier<List<Redemptions.Line>> left) {}

  /** The coupons that were redeemed. */
  static Discounts of(Redemptions redemptions) {
    return new RedeemedDiscounts(redemptions);
  }
}
