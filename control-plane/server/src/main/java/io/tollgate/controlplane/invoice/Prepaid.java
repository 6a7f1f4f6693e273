package io.tollgate.controlplane.invoice;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.rating.Fees;
import io.tollgate.controlplane.rating.Share;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.SubscriptionItem;
import io.tollgate.controlplane.wallet.Wallets.Due;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/** What was paid ahead: money that pays invoices, units that usage takes before it is priced. */
public interface Prepaid {
  /** Nothing was. */
  Prepaid NONE =
      new Prepaid() {
        @Override
        public Map<String, Money> pay(Transaction tx, List<Due> dues) {
          return Map.of();
        }

        @Override
        public void giveBack(Transaction tx, Due invoice) {}

        @Override
        public Optional<String> takeBack(
            Transaction tx, InvoiceLine line, @Nullable BigDecimal quantity, Due invoice) {
          return Optional.empty();
        }

        @Override
        public Optional<String> takeBack(Transaction tx, Due credited) {
          return Optional.empty();
        }

        @Override
        public Map<String, Map<String, BigDecimal>> units(Transaction tx, List<Ended> ended) {
          return Map.of();
        }

        @Override
        public Map<String, Map<String, BigDecimal>> bill(Transaction tx, List<Ended> ended) {
          return Map.of();
        }

        @Override
        public void carryOver(
            Transaction tx, Subscription of, Instant end, Map<String, BigDecimal> units) {}
      };

  /**
   * A period whose usage is billed.
   *
   * @param subscription as it stood in the period
   * @param parts in order, each rated by one plan
   * @param at when it is billed
   */
  record Ended(Subscription subscription, List<Part> parts, Instant at) {
    public Ended {
      parts = List.copyOf(parts);
    }

    /** When its last part ends. */
    public Instant end() {
      return parts.getLast().period().end();
    }

    /** How many units of a meter may be paid for in each part. */
    public List<BigDecimal> prepayable(String meter) {
      return parts.stream()
          .map(
              part ->
                  new Fees(part.catalog(), subscription)
                      .prepayable(
                          part.period(), meter, part.units().getOrDefault(meter, BigDecimal.ZERO)))
          .toList();
    }
  }

  /**
   * A part of a period.
   *
   * @param catalog the catalog version whose plan rates it
   * @param units used, by meter; those of every meter that may be prepaid
   */
  record Part(Catalog catalog, Period period, Map<String, BigDecimal> units) {}

  /** Pays invoices as far as it goes; by invoice, what was paid of it. */
  Map<String, Money> pay(Transaction tx, List<Due> dues);

  /** Asks ahead what {@link #money} does ({@link Transaction#foresee}). */
  default void foreseeMoney(Transaction tx, String tenant) {}

  /** What {@link #pay} has for a tenant's invoices in a currency. */
  default Money money(Transaction tx, String tenant, CurrencyUnit currency) {
    return Money.zero(currency);
  }

  /** An invoice was voided: what was paid of it comes back. */
  void giveBack(Transaction tx, Due invoice);

  /**
   * Takes back units that a line of an invoice sold, where nobody has used them.
   *
   * @param quantity how much of the line's; null for the whole line, as where it is voided
   * @param invoice which is lowered
   * @return why it cannot be, and then nothing has changed; empty where it is done, or the line
   *     sold none
   */
  Optional<String> takeBack(
      Transaction tx, InvoiceLine line, @Nullable BigDecimal quantity, Due invoice);

  /**
   * Takes back money that an invoice was to put into a wallet, or has put there.
   *
   * @param credited what is credited of the invoice
   * @return why it cannot be, and then nothing has changed; empty where it is done, or the invoice
   *     is no top-up's
   */
  Optional<String> takeBack(Transaction tx, Due credited);

  /** By subscription and meter, how many units are covered; changes nothing. */
  Map<String, Map<String, BigDecimal>> units(Transaction tx, List<Ended> ended);

  /** As {@link #units}, for good. */
  Map<String, Map<String, BigDecimal>> bill(Transaction tx, List<Ended> ended);

  /**
   * As {@link #bill}, of units told after their period was billed, by meter: of the meters that the
   * period names, and nothing of what is drawn for others or for the period that is running.
   */
  default Map<String, BigDecimal> billLate(Transaction tx, Ended late) {
    return Map.of();
  }

  /** A closing invoice was voided: the units that it took with {@link #billLate} come back. */
  default void giveBackLate(Transaction tx, String tenant, String closing, Instant at) {}

  /**
   * Keeps what is left of blocks bought ahead, by meter, for later periods.
   *
   * @param end of what they were bought for
   */
  void carryOver(Transaction tx, Subscription of, Instant end, Map<String, BigDecimal> units);

  /** How many units that {@link #carryOver} has kept for an end nobody has used. */
  default BigDecimal carried(Transaction tx, Subscription of, Instant end, String meter) {
    return BigDecimal.ZERO;
  }

  /**
   * Takes units out that {@link #carryOver} has kept for an end: their block is credited.
   *
   * @param units over zero, at most what is {@link #carried}
   * @param at by the tenant's clock
   */
  default void takeCarried(
      Transaction tx, Subscription of, Instant end, String meter, BigDecimal units, Instant at) {}

  /**
   * How much of the units that items of a subscription have put in for their present period nobody
   * has used, by item; those that put in none are missing.
   *
   * @param billed by meter, what is covered of the usage that is billed now; none for what is not
   */
  default Map<String, Share> unused(
      Transaction tx,
      Subscription of,
      Collection<SubscriptionItem> items,
      Map<String, BigDecimal> billed) {
    return Map.of();
  }

  /**
   * The fee of an item's present period was given back: the units nobody has used leave with it.
   */
  default void leave(Transaction tx, Subscription of, SubscriptionItem item, Instant at) {}
}
