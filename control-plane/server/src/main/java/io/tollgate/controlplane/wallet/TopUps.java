package io.tollgate.controlplane.wallet;

import io.tollgate.controlplane.catalog.AddOn;
import io.tollgate.controlplane.catalog.Effect;
import io.tollgate.controlplane.catalog.Policies.When;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.subscription.ScheduledChange;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.SubscriptionItem;
import io.tollgate.controlplane.time.DueWork;
import io.tollgate.controlplane.wallet.Wallet.AutoTopUp;
import io.tollgate.controlplane.web.Problem;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Top-ups: by hand or by themselves, money by an invoice of its own, units by buying an add-on. */
final class TopUps {
  private final Wallets.Parts parts;
  private final Ledger ledger;
  private final List<TopUpListener> listeners = new ArrayList<>();
  private @Nullable TopUpBilling billing;

  TopUps(Wallets.Parts parts, Ledger ledger) {
    this.parts = parts;
    this.ledger = ledger;
  }

  void billBy(TopUpBilling by) {
    billing = by;
  }

  void listen(TopUpListener listener) {
    listeners.add(listener);
  }

  TopUp start(
      Transaction tx, Wallet wallet, Deposit deposit, TopUp.Collection collection, Instant now) {
    if (!(wallet.asset() instanceof Asset.Currency currency)) {
      throw Problem.invalid("amount", "units are bought as an add-on; this wallet holds no money");
    }
    if (!currency.holds(deposit.amount())) {
      throw Problem.invalid("amount", "over 0, within the decimals of " + currency.name());
    }
    Subscription seller =
        living(tx, wallet.tenant())
            .findFirst()
            .orElseThrow(
                () ->
                    Problem.invalid(
                        "wallet", "its tenant has no subscription under whose seller to invoice"));
    TopUp topUp =
        new TopUp(
            deposit.origin(),
            wallet.tenant(),
            wallet.id(),
            currency.unit(),
            deposit.amount(),
            deposit.priority(),
            deposit.expiresAt(),
            null,
            TopUp.State.PENDING,
            now);
    TopUpStore.insert(tx, topUp);
    TopUpBilling by = Objects.requireNonNull(billing, "nobody bills top-ups");
    String invoice = by.draft(tx, topUp, seller);
    TopUpStore.invoiced(tx, topUp.id(), invoice);
    by.makeFinal(tx, invoice);
    TopUp made = TopUpStore.find(tx, topUp.id()).orElseThrow();
    if (made.state() == TopUp.State.PENDING) {
      listeners.forEach(listener -> listener.invoiced(tx, made, collection));
    }
    return made;
  }

  void paid(Transaction tx, Collection<String> invoices) {
    for (TopUp topUp : TopUpStore.pending(tx, invoices)) {
      Wallet wallet = WalletStore.lock(tx, topUp.wallet()).orElseThrow();
      TopUpStore.turn(tx, topUp.id(), TopUp.State.SETTLED);
      Instant now = parts.clocks().now(tx, topUp.tenant());
      ledger.deposit(
          tx,
          wallet,
          new Deposit(
              topUp.amount(),
              topUp.priority(),
              topUp.expiresAt(),
              Credit.Source.TOP_UP,
              topUp.id()),
          now);
    }
  }

  /** See {@link Wallets#takeBack(Transaction, Wallets.Due)}. */
  Optional<String> credited(Transaction tx, Wallets.Due credited) {
    TopUp topUp = TopUpStore.of(tx, credited.invoice()).orElse(null);
    if (topUp == null) {
      return Optional.empty();
    }
    BigDecimal back = credited.amount().getAmount();
    return switch (topUp.state()) {
      case PENDING -> {
        if (back.compareTo(topUp.amount()) < 0) {
          TopUpStore.lower(tx, topUp.id(), back);
        } else {
          TopUpStore.turn(tx, topUp.id(), TopUp.State.VOID);
        }
        yield Optional.empty();
      }
      case SETTLED -> takenOut(tx, topUp, back, credited.at());
      case VOID -> Optional.empty();
    };
  }

  private Optional<String> takenOut(Transaction tx, TopUp topUp, BigDecimal back, Instant at) {
    Wallet wallet = WalletStore.lock(tx, topUp.wallet()).orElseThrow();
    Credit credit =
        WalletStore.credits(tx, wallet.id()).stream()
            .filter(one -> one.origin().equals(topUp.id()))
            .findFirst()
            .orElseThrow();
    if (credit.remaining().compareTo(back) < 0) {
      return Optional.of(
          "of the top-up "
              + credit.remaining().toPlainString()
              + " are left in the wallet; what was spent is not taken back");
    }
    Ledger.Reason reason = new Ledger.Reason(Transfer.Kind.TAKE_BACK, topUp.id(), at);
    ledger.takeBack(tx, wallet, credit, reason, back);
    return Optional.empty();
  }

  void voided(Transaction tx, String invoice) {
    TopUpStore.pending(tx, List.of(invoice))
        .forEach(topUp -> TopUpStore.turn(tx, topUp.id(), TopUp.State.VOID));
  }

  /** The agenda's work: only where the wallet is still low and no top-up waits for its payment. */
  void run(Transaction tx, List<DueWork> due) {
    for (DueWork work : due) {
      Wallet wallet = WalletStore.find(tx, work.subject()).orElseThrow();
      AutoTopUp auto = wallet.settings().topUp();
      if (auto != null && wallet.balance().compareTo(auto.below()) < 0) {
        if (auto.addOn() != null) {
          buy(tx, wallet, auto.addOn(), auto.amount().intValueExact());
        } else if (!TopUpStore.isPending(tx, wallet.id())) {
          Deposit deposit =
              new Deposit(
                  auto.amount(),
                  Deposit.USUAL,
                  null,
                  Credit.Source.TOP_UP,
                  parts.ids().next("wtu"));
          start(tx, wallet, deposit, TopUp.Collection.AT_ONCE, work.now());
        }
      }
    }
  }

  private void buy(Transaction tx, Wallet wallet, String addOn, int count) {
    Subscription with =
        filledBy(tx, wallet, addOn)
            .orElseThrow(
                () -> Problem.invalid("topUp.addOn", "no subscription sells " + addOn + " now"));
    Instant now = parts.clocks().now(tx, wallet.tenant());
    int have =
        with.addOnsAt(now).stream()
            .filter(item -> item.key().equals(addOn))
            .mapToInt(SubscriptionItem::quantity)
            .sum();
    parts
        .subscriptions()
        .change(
            tx,
            "system",
            with.id(),
            new ScheduledChange.Change.ToAddOn(addOn, have + count),
            When.NOW);
  }

  /** Refuses settings that could never top up. */
  void check(Transaction tx, Wallet wallet, @Nullable AutoTopUp auto) {
    if (auto == null) {
      return;
    }
    if (auto.below().signum() <= 0) {
      throw Problem.invalid("topUp.below", "over 0 is expected");
    }
    switch (wallet.asset()) {
      case Asset.Currency currency -> {
        if (auto.addOn() != null) {
          throw Problem.invalid("topUp.addOn", "money is topped up by an amount");
        }
        if (!currency.holds(auto.amount())) {
          throw Problem.invalid(
              "topUp.amount", "over 0, within the decimals of " + currency.name());
        }
      }
      case Asset.Units units -> {
        if (auto.addOn() == null || filledBy(tx, wallet, auto.addOn()).isEmpty()) {
          throw Problem.invalid(
              "topUp.addOn",
              "an add-on of the tenant's subscription that prepays " + units.meter());
        }
        if (auto.amount().stripTrailingZeros().scale() > 0
            || auto.amount().compareTo(BigDecimal.valueOf(1_000_000)) > 0
            || auto.amount().signum() <= 0) {
          throw Problem.invalid("topUp.amount", "how many of the add-on, 1 to 1,000,000");
        }
      }
    }
  }

  /** The tenant's subscription with which the add-on is sold, if it brings units of the wallet. */
  private Optional<Subscription> filledBy(Transaction tx, Wallet wallet, String key) {
    Instant now = parts.clocks().now(tx, wallet.tenant());
    return living(tx, wallet.tenant())
        .filter(
            subscription -> {
              AddOn addOn =
                  parts
                      .catalogs()
                      .version(tx, subscription.catalog(), subscription.version())
                      .catalog()
                      .addOn(key)
                      .orElse(null);
              return addOn != null
                  && addOn.effects().stream().anyMatch(effect -> fills(effect, wallet.asset()))
                  && subscription
                      .planAt(now)
                      .filter(item -> addOn.plans().contains(item.key()))
                      .isPresent();
            })
        .findFirst();
  }

  private static boolean fills(Effect effect, Asset asset) {
    return effect instanceof Effect.Prepay prepay && prepay.meter().equals(asset.name());
  }

  private Stream<Subscription> living(Transaction tx, String tenant) {
    return parts.subscriptions().of(tx, tenant).stream()
        .filter(subscription -> !subscription.state().isOver())
        .sorted(Comparator.comparing(Subscription::id));
  }
}
