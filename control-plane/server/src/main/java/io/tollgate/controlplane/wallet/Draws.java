package io.tollgate.controlplane.wallet;

import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.wallet.Ledger.Reason;
import io.tollgate.controlplane.wallet.Transfer.Kind;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * What usage draws of wallets' units: as it comes, as much as the open usage takes; for good, where
 * the usage is billed. What is measured is said while the program is put together.
 */
final class Draws {
  private final Ledger ledger;
  private OpenUsage usage = (tx, tenant, meter) -> BigDecimal.ZERO;

  Draws(Ledger ledger) {
    this.ledger = ledger;
  }

  void measure(OpenUsage openUsage) {
    usage = openUsage;
  }

  /** See {@link Wallets#covered}. */
  Map<String, BigDecimal> covered(
      Transaction tx, String tenant, Map<String, BigDecimal> units, Instant at) {
    Map<String, BigDecimal> covered = new TreeMap<>();
    for (Wallet wallet : WalletStore.of(tx, List.of(tenant))) {
      if (wallet.asset() instanceof Asset.Units of && units.containsKey(of.meter())) {
        BigDecimal left =
            WalletStore.spendable(tx, List.of(wallet.id()), at).stream()
                .map(Credit::remaining)
                .reduce(BigDecimal.ZERO, BigDecimal::add);
        BigDecimal most = Objects.requireNonNull(units.get(of.meter()));
        covered.put(of.meter(), most.min(left.add(wallet.drawn())));
      }
    }
    return covered;
  }

  /** See {@link Wallets#bill}. */
  Map<String, BigDecimal> bill(
      Transaction tx, String tenant, Map<String, BigDecimal> units, Instant at) {
    Map<String, BigDecimal> covered = new TreeMap<>();
    for (Wallet wallet : WalletStore.lock(tx, List.of(tenant), assets(units.keySet()))) {
      String meter = wallet.asset().name();
      BigDecimal drawn = settle(tx, wallet, units.getOrDefault(meter, BigDecimal.ZERO), at);
      WalletStore.drawn(tx, wallet.id(), BigDecimal.ZERO, wallet.round() + 1);
      covered.put(meter, drawn);
    }
    return covered;
  }

  /** See {@link Wallets#billLate}. */
  Map<String, BigDecimal> billLate(
      Transaction tx, String tenant, Map<String, BigDecimal> units, String closing, Instant at) {
    Reason reason = new Reason(Kind.DRAW, closing, at);
    Map<String, BigDecimal> drawn = new TreeMap<>();
    for (Wallet wallet : WalletStore.lock(tx, List.of(tenant), assets(units.keySet()))) {
      String meter = wallet.asset().name();
      BigDecimal most = units.getOrDefault(meter, BigDecimal.ZERO);
      drawn.put(meter, ledger.take(tx, wallet, most, reason, at));
    }
    return drawn;
  }

  /** See {@link Wallets#giveBackLate}. */
  void giveBackLate(Transaction tx, String tenant, String closing, Instant at) {
    Map<String, BigDecimal> drawn = new TreeMap<>();
    WalletStore.moved(tx, closing)
        .forEach(moved -> drawn.merge(moved.wallet(), moved.amount(), BigDecimal::add));
    Reason reason = new Reason(Kind.RETURN, closing, at);
    for (Wallet wallet :
        drawn.isEmpty() ? List.<Wallet>of() : WalletStore.lock(tx, List.of(tenant), null)) {
      ledger.putBack(tx, wallet, drawn.getOrDefault(wallet.id(), BigDecimal.ZERO), reason);
    }
  }

  private static List<String> assets(Collection<String> meters) {
    return meters.stream().map(meter -> new Asset.Units(meter).key()).toList();
  }

  /** Brings what is drawn to what the open usage takes. */
  void settle(Transaction tx, String id, Instant at) {
    Wallet wallet = WalletStore.find(tx, id).orElseThrow();
    if (wallet.asset() instanceof Asset.Units units) {
      settle(tx, wallet, usage.units(tx, wallet.tenant(), units.meter()), at);
    }
  }

  /** What names the draws of the usage that is open. */
  static String round(Wallet wallet) {
    return wallet.id() + "#" + wallet.round();
  }

  /** As the other; how much is drawn now. */
  private BigDecimal settle(Transaction tx, Wallet wallet, BigDecimal used, Instant at) {
    String round = round(wallet);
    BigDecimal missing = used.subtract(wallet.drawn());
    BigDecimal drawn = wallet.drawn();
    if (missing.signum() > 0) {
      drawn = drawn.add(ledger.take(tx, wallet, missing, new Reason(Kind.DRAW, round, at), at));
    } else if (missing.signum() < 0) {
      Reason reason = new Reason(Kind.RETURN, round, at);
      drawn = drawn.subtract(ledger.putBack(tx, wallet, missing.negate(), reason));
    }
    if (drawn.compareTo(wallet.drawn()) != 0) {
      WalletStore.drawn(tx, wallet.id(), drawn, wallet.round());
    }
    return drawn;
  }
}
