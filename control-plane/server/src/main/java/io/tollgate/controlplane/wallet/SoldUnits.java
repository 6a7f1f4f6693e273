package io.tollgate.controlplane.wallet;

import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.SubscriptionItem;
import io.tollgate.controlplane.wallet.Ledger.Reason;
import io.tollgate.controlplane.wallet.Transfer.Kind;
import io.tollgate.controlplane.wallet.Wallets.Due;
import io.tollgate.controlplane.wallet.Wallets.Lot;
import io.tollgate.controlplane.wallet.Wallets.Unused;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Units that were sold: how many of them nobody has used, and how they leave where what was paid
 * for them is given back.
 */
record SoldUnits(Ledger ledger, Draws draws) {
  /** See {@link Wallets#takeBack(Transaction, Lot, BigDecimal, Due)}. */
  Optional<String> takeBack(Transaction tx, Lot lot, BigDecimal quantity, Due invoice) {
    List<String> sold = WalletStore.sold(tx, invoice.tenant(), lot.origin(), lot.at());
    for (String id : sold) {
      String wallet = WalletStore.credit(tx, id).orElseThrow().wallet();
      WalletStore.lock(tx, wallet);
      draws.settle(tx, wallet, invoice.at());
      Credit credit = WalletStore.credit(tx, id).orElseThrow();
      WalletStore.Gone gone = WalletStore.gone(tx, credit);
      BigDecimal back =
          credit
              .amount()
              .multiply(quantity)
              .divide(lot.quantity(), MathContext.DECIMAL64)
              // Lines of one document may have sold them together.
              .min(credit.amount().subtract(gone.takenBack()));
      BigDecimal free = credit.remaining().add(gone.unused());
      Wallet of = WalletStore.find(tx, wallet).orElseThrow();
      if (free.compareTo(back) < 0) {
        return Optional.of(refusal(credit, of.asset(), free, gone.takenBack()));
      }
      Reason reason = new Reason(Kind.TAKE_BACK, credit.origin(), invoice.at());
      ledger.takeBack(tx, of, credit, reason, back.min(credit.remaining()));
    }
    return Optional.empty();
  }

  private static String refusal(Credit credit, Asset of, BigDecimal free, BigDecimal takenBack) {
    BigDecimal used = credit.amount().subtract(free).subtract(takenBack);
    return "of the "
        + credit.amount().toPlainString()
        + " units of "
        + of.name()
        + " that were bought with it "
        + used.toPlainString()
        + " were used"
        + (takenBack.signum() > 0
            ? " and " + takenBack.toPlainString() + " were taken back before"
            : "");
  }

  /** See {@link Wallets#unused}. */
  Map<String, Unused> unused(
      Transaction tx,
      Subscription of,
      Collection<SubscriptionItem> items,
      Map<String, BigDecimal> billed) {
    Map<String, SubscriptionItem> byOrigin = new HashMap<>();
    items.forEach(item -> byOrigin.put(AddOnUnits.origin(of, item), item));
    Map<From, BigDecimal> back = back(tx, of.tenant(), billed);
    Map<String, Unused> unused = new HashMap<>();
    WalletStore.unused(tx, of.tenant(), byOrigin.keySet())
        .forEach(
            sold -> {
              SubscriptionItem item = byOrigin.get(sold.origin());
              if (item != null && sold.units().of().signum() > 0) {
                From from = new From(sold.origin(), sold.wallet());
                BigDecimal more = back.getOrDefault(from, BigDecimal.ZERO);
                unused.merge(item.id(), and(sold.units(), more), SoldUnits::fewer);
              }
            });
    return unused;
  }

  private record From(String origin, String wallet) {}

  /** What goes back into the wallets where so much of the open usage is billed and no more. */
  private static Map<From, BigDecimal> back(
      Transaction tx, String tenant, Map<String, BigDecimal> billed) {
    Map<From, BigDecimal> back = new HashMap<>();
    List<Wallet> wallets = billed.isEmpty() ? List.of() : WalletStore.of(tx, List.of(tenant));
    for (Wallet wallet : wallets) {
      BigDecimal used =
          wallet.asset() instanceof Asset.Units units ? billed.get(units.meter()) : null;
      BigDecimal left = used == null ? BigDecimal.ZERO : wallet.drawn().subtract(used);
      if (left.signum() <= 0) {
        continue;
      }
      for (WalletStore.Moved moved : WalletStore.moved(tx, Draws.round(wallet))) {
        BigDecimal part = moved.amount().min(left);
        if (part.signum() > 0) {
          String origin = WalletStore.credit(tx, moved.credit()).orElseThrow().origin();
          back.merge(new From(origin, wallet.id()), part, BigDecimal::add);
          left = left.subtract(part);
        }
      }
    }
    return back;
  }

  private static Unused and(Unused unused, BigDecimal more) {
    return new Unused(unused.units().add(more), unused.of());
  }

  private static Unused fewer(Unused one, Unused other) {
    return one.units().multiply(other.of()).compareTo(other.units().multiply(one.of())) <= 0
        ? one
        : other;
  }

  /**
   * See {@link Wallets#leave}. As many as were not used when the fee was given back: what is used
   * from then on draws others.
   */
  void leave(Transaction tx, Subscription of, SubscriptionItem item, Instant at) {
    String origin = AddOnUnits.origin(of, item);
    for (String id : WalletStore.sold(tx, of.tenant(), origin, null)) {
      String wallet = WalletStore.credit(tx, id).orElseThrow().wallet();
      WalletStore.lock(tx, wallet);
      Credit credit = WalletStore.credit(tx, id).orElseThrow();
      Reason reason = new Reason(Kind.TAKE_BACK, WalletStore.LEFT + origin, at);
      ledger.takeBack(
          tx, WalletStore.find(tx, wallet).orElseThrow(), credit, reason, credit.remaining());
    }
  }
}
