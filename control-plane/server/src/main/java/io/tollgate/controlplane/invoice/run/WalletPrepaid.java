package io.tollgate.controlplane.invoice.run;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.catalog.Plan;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.invoice.Charge;
import io.tollgate.controlplane.invoice.InvoiceLine;
import io.tollgate.controlplane.invoice.Prepaid;
import io.tollgate.controlplane.invoice.composition.Bill;
import io.tollgate.controlplane.rating.Share;
import io.tollgate.controlplane.subscription.Command;
import io.tollgate.controlplane.subscription.Revision;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.SubscriptionItem;
import io.tollgate.controlplane.subscription.SubscriptionState;
import io.tollgate.controlplane.subscription.Subscriptions;
import io.tollgate.controlplane.usage.UsageSums;
import io.tollgate.controlplane.wallet.Asset;
import io.tollgate.controlplane.wallet.Credit;
import io.tollgate.controlplane.wallet.Deposit;
import io.tollgate.controlplane.wallet.OpenUsage;
import io.tollgate.controlplane.wallet.Wallets;
import io.tollgate.controlplane.wallet.Wallets.Due;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * The tenants' wallets as billing sees them. A meter's units are covered where the subscription
 * whose plan prices the meter is billed; a meter that no plan prices belongs to the tenant's first
 * subscription.
 */
final class WalletPrepaid implements Prepaid, OpenUsage {
  private final Wallets wallets;
  private final Subscriptions subscriptions;
  private final UsageSums usage;
  private final Sources.CatalogVersions catalogs;

  WalletPrepaid(
      Wallets wallets,
      Subscriptions subscriptions,
      UsageSums usage,
      Sources.CatalogVersions catalogs) {
    this.wallets = wallets;
    this.subscriptions = subscriptions;
    this.usage = usage;
    this.catalogs = catalogs;
  }

  /** One of the two ways to ask the wallets: to look, or for good. */
  private interface Asking {
    Map<String, BigDecimal> ask(String tenant, Map<String, BigDecimal> units, Instant at);
  }

  @Override
  public Map<String, Money> pay(Transaction tx, List<Due> dues) {
    return wallets.pay(tx, dues);
  }

  @Override
  public void foreseeMoney(Transaction tx, String tenant) {
    wallets.foresee(tx, tenant);
  }

  @Override
  public Money money(Transaction tx, String tenant, CurrencyUnit currency) {
    return wallets.of(tx, tenant).stream()
        .filter(wallet -> new Asset.Currency(currency).equals(wallet.asset()))
        .map(wallet -> Money.of(currency, wallet.balance(), RoundingMode.DOWN))
        .findFirst()
        .orElse(Money.zero(currency));
  }

  @Override
  public void giveBack(Transaction tx, Due invoice) {
    wallets.voided(tx, invoice);
  }

  @Override
  public Optional<String> takeBack(
      Transaction tx, InvoiceLine line, @Nullable BigDecimal quantity, Due invoice) {
    Period period = line.period();
    if (period == null) {
      return Optional.empty();
    }
    Wallets.Lot lot =
        switch (line.charge()) {
          case Charge.OneOff purchase ->
              line.source() == null ? null : lot(line.source() + ":", period.start(), line);
          case Charge.AddOn addOn -> lot(ofPeriod(line), period.start(), line);
          case Charge.ProrationCharge addOn -> lot(ofPeriod(line), period.start(), line);
          case Charge.Usage usage ->
              quantity == null ? lot(ofUsage(line, usage.meter(), period.end()), null, line) : null;
          case Charge.BaseFee fee -> null;
          case Charge.SetupFee fee -> null;
          case Charge.ProrationCredit credit -> null;
          case Charge.Discount discount -> null;
          case Charge.Credit credit -> null;
        };
    return lot == null
        ? Optional.empty()
        : wallets.takeBack(tx, lot, quantity == null ? line.quantity() : quantity, invoice);
  }

  @Override
  public Optional<String> takeBack(Transaction tx, Due credited) {
    return wallets.takeBack(tx, credited);
  }

  private static String ofPeriod(InvoiceLine line) {
    return line.subscription() + ":" + line.charge().item() + ":";
  }

  /** What a closing invoice leaves of blocks has an origin of its own. */
  private static String ofUsage(InvoiceLine line, String meter, Instant end) {
    Instant closing = Bill.Closing.at(line.source());
    return line.subscription() + ":" + meter + ":" + (closing == null ? end : closing);
  }

  private static Wallets.Lot lot(String origin, @Nullable Instant at, InvoiceLine line) {
    return new Wallets.Lot(origin, at, line.quantity());
  }

  @Override
  public Map<String, Map<String, BigDecimal>> units(Transaction tx, List<Ended> ended) {
    return covered(tx, ended, (tenant, units, at) -> wallets.covered(tx, tenant, units, at));
  }

  @Override
  public Map<String, Map<String, BigDecimal>> bill(Transaction tx, List<Ended> ended) {
    return covered(tx, ended, (tenant, units, at) -> wallets.bill(tx, tenant, units, at));
  }

  @Override
  public Map<String, BigDecimal> billLate(Transaction tx, Ended late) {
    Map<String, BigDecimal> units = new TreeMap<>();
    for (Part part : late.parts()) {
      part.units().keySet().forEach(meter -> units.put(meter, prepayable(late, meter)));
    }
    Subscription of = late.subscription();
    String closing = Closing.name(of.id(), late.at(), late.parts().getFirst().period().start());
    return units.isEmpty()
        ? Map.of()
        : wallets.billLate(tx, of.tenant(), units, closing, late.at());
  }

  @Override
  public void giveBackLate(Transaction tx, String tenant, String closing, Instant at) {
    wallets.giveBackLate(tx, tenant, closing, at);
  }

  private static BigDecimal prepayable(Ended ended, String meter) {
    return ended.prepayable(meter).stream().reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  private Map<String, Map<String, BigDecimal>> covered(
      Transaction tx, List<Ended> ended, Asking wallet) {
    Map<String, Set<String>> meters =
        wallets.meters(tx, ended.stream().map(e -> e.subscription().tenant()).distinct().toList());
    Map<String, Map<String, BigDecimal>> covered = new HashMap<>();
    for (Ended one : ended) {
      Map<String, BigDecimal> units = new TreeMap<>();
      for (String meter : meters.getOrDefault(one.subscription().tenant(), Set.of())) {
        if (isBorneBy(tx, one, meter)) {
          units.put(meter, prepayable(one, meter));
        }
      }
      if (!units.isEmpty()) {
        covered.put(
            one.subscription().id(), wallet.ask(one.subscription().tenant(), units, one.at()));
      }
    }
    return covered;
  }

  @Override
  public void carryOver(
      Transaction tx, Subscription of, Instant end, Map<String, BigDecimal> units) {
    units.forEach(
        (meter, left) -> {
          if (left.signum() > 0) {
            Deposit deposit =
                new Deposit(
                    left, Deposit.USUAL, null, Credit.Source.CARRY_OVER, ofBlocks(of, meter, end));
            wallets.deposit(tx, "system", of.tenant(), new Asset.Units(meter), deposit);
          }
        });
  }

  private static String ofBlocks(Subscription of, String meter, Instant end) {
    return of.id() + ":" + meter + ":" + end;
  }

  @Override
  public BigDecimal carried(Transaction tx, Subscription of, Instant end, String meter) {
    return credits(tx, of, end, meter).stream()
        .map(Credit::remaining)
        .reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  private List<Credit> credits(Transaction tx, Subscription of, Instant end, String meter) {
    String origin = ofBlocks(of, meter, end);
    return wallets.of(tx, of.tenant()).stream()
        .filter(wallet -> wallet.asset().equals(new Asset.Units(meter)))
        .flatMap(wallet -> wallets.credits(tx, wallet.id()).stream())
        .filter(credit -> credit.origin().equals(origin))
        .toList();
  }

  @Override
  public void takeCarried(
      Transaction tx, Subscription of, Instant end, String meter, BigDecimal units, Instant at) {
    BigDecimal left = units;
    Due none = new Due("", of.tenant(), Money.zero(of.currency()), at);
    for (Credit credit : credits(tx, of, end, meter)) {
      BigDecimal part = credit.remaining().min(left);
      if (part.signum() > 0) {
        Wallets.Lot lot = new Wallets.Lot(credit.origin(), credit.createdAt(), credit.amount());
        wallets.takeBack(tx, lot, part, none);
        left = left.subtract(part);
      }
    }
  }

  @Override
  public Map<String, Share> unused(
      Transaction tx,
      Subscription of,
      Collection<SubscriptionItem> items,
      Map<String, BigDecimal> billed) {
    Map<String, Share> shares = new HashMap<>();
    wallets
        .unused(tx, of, items, billed)
        .forEach((item, unused) -> shares.put(item, Share.of(unused.units(), unused.of())));
    return shares;
  }

  @Override
  public void leave(Transaction tx, Subscription of, SubscriptionItem item, Instant at) {
    wallets.leave(tx, of, item, at);
  }

  /**
   * Usage that no invoice has billed for good: of periods still in draft and of the present one.
   */
  @Override
  public BigDecimal units(Transaction tx, String tenant, String meter) {
    Optional<Subscription> bearer = bearer(tx, tenant, meter);
    if (bearer.isEmpty()) {
      return BigDecimal.ZERO;
    }
    Subscription of = bearer.get();
    List<Instant> cuts = new ArrayList<>(DraftStore.arrears(tx, of.id()));
    cuts.add(of.current().start());
    cuts.add(of.current().end());
    List<Part> open = new ArrayList<>();
    for (int i = 0; i + 1 < cuts.size(); i++) {
      if (cuts.get(i).isBefore(cuts.get(i + 1))) {
        for (Bills.Stretch stretch : stretches(tx, of, cuts.get(i), cuts.get(i + 1))) {
          open.add(part(tx, tenant, meter, stretch));
        }
      }
    }
    return prepayable(new Ended(of, open, of.current().end()), meter);
  }

  private Part part(Transaction tx, String tenant, String meter, Bills.Stretch stretch) {
    Catalog catalog = stretch.fees().catalog();
    long used = Math.max(0, usage.units(tx, tenant, meter, stretch.period()));
    return new Part(catalog, stretch.period(), Map.of(meter, Loading.units(catalog, meter, used)));
  }

  /** How the period would be billed if it ended as things stand. */
  private List<Bills.Stretch> stretches(
      Transaction tx, Subscription of, Instant start, Instant end) {
    Catalog catalog = catalogs.of(tx, of.catalog(), of.version());
    Revision none = new Revision(Command.RENEW, end, of, of, false);
    return new Bills(none, catalog, catalog, catalogs.earlier(tx, of)).due(new Period(start, end));
  }

  private boolean isBorneBy(Transaction tx, Ended ended, String meter) {
    Subscription of = ended.subscription();
    for (Part part : ended.parts()) {
      if (prices(of, part.catalog(), part.period().end().minusNanos(1), meter)) {
        return true;
      }
    }
    return bearer(tx, of.tenant(), meter)
        .filter(other -> !other.id().equals(of.id()))
        .filter(
            other ->
                other.id().compareTo(of.id()) < 0
                    || prices(
                        other,
                        catalogs.of(tx, other.catalog(), other.version()),
                        other.current().start(),
                        meter))
        .isEmpty();
  }

  private Optional<Subscription> bearer(Transaction tx, String tenant, String meter) {
    List<Subscription> billed =
        subscriptions.of(tx, tenant).stream()
            .filter(
                s ->
                    s.state() instanceof SubscriptionState.Active
                        || s.state() instanceof SubscriptionState.Paused)
            .sorted(Comparator.comparing(Subscription::id))
            .toList();
    return billed.stream()
        .filter(
            s -> prices(s, catalogs.of(tx, s.catalog(), s.version()), s.current().start(), meter))
        .findFirst()
        .or(() -> billed.stream().findFirst());
  }

  private static boolean prices(Subscription of, Catalog catalog, Instant at, String meter) {
    return of.planAt(at)
        .flatMap(item -> catalog.plan(item.key()))
        .map(Plan::charges)
        .filter(charges -> charges.stream().anyMatch(charge -> charge.meter().equals(meter)))
        .isPresent();
  }
}
