package io.tollgate.controlplane.wallet;

import io.tollgate.controlplane.database.Event;
import io.tollgate.controlplane.database.Ids;
import io.tollgate.controlplane.database.Outbox;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.time.Agenda;
import io.tollgate.controlplane.time.Work;
import io.tollgate.controlplane.wallet.Transfer.Kind;
import io.tollgate.controlplane.wallet.Wallet.AutoTopUp;
import io.tollgate.controlplane.web.Wire;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Moves what is in locked wallets, entry by entry, and looks at the thresholds after each movement.
 *
 * @param expire the agenda's kind that forfeits what expires
 * @param topUp the agenda's kind that tops up
 */
record Ledger(Ids ids, Agenda agenda, Outbox outbox, String expire, String topUp) {
  /** Puts something in. */
  void deposit(Transaction tx, Wallet wallet, Deposit deposit, Instant at) {
    String id = ids.next("wcr");
    WalletStore.insert(tx, wallet, id, deposit, at);
    book(tx, wallet, List.of(transfer(id, Kind.DEPOSIT, deposit.amount(), deposit.origin(), at)));
    if (deposit.expiresAt() != null) {
      agenda.schedule(tx, new Work(wallet.tenant(), expire, id, deposit.expiresAt()));
    }
    tellChanged(tx, wallet, "wallet.deposited", deposit.amount(), at);
    watch(tx, wallet, wallet.balance().add(deposit.amount()), at);
  }

  /** Other rooms follow what is paid ahead; what usage draws of it they see by themselves. */
  private void tellChanged(
      Transaction tx, Wallet wallet, String kind, BigDecimal amount, Instant at) {
    outbox.publish(
        tx,
        new Event(
            wallet.tenant(),
            kind,
            wallet.id(),
            Wire.document(Map.of("asset", wallet.asset().name(), "amount", amount)),
            at));
  }

  /**
   * Takes out as much of an amount as is there.
   *
   * @param notBefore credits that expired before this instant are not touched
   * @return what was taken, 0 to {@code amount}
   */
  BigDecimal take(
      Transaction tx, Wallet wallet, BigDecimal amount, Reason reason, Instant notBefore) {
    BigDecimal left = amount;
    List<Transfer> transfers = new ArrayList<>();
    if (amount.signum() > 0) {
      for (Credit credit : WalletStore.spendable(tx, List.of(wallet.id()), notBefore)) {
        BigDecimal part = credit.remaining().min(left);
        if (part.signum() > 0) {
          transfers.add(
              transfer(credit.id(), reason.kind(), part, reason.reference(), reason.at()));
          left = left.subtract(part);
        }
      }
    }
    book(tx, wallet, transfers);
    BigDecimal taken = amount.subtract(left);
    watch(tx, wallet, wallet.balance().subtract(taken), reason.at());
    return taken;
  }

  /** Why something is moved. */
  record Reason(Kind kind, String reference, Instant at) {}

  /**
   * Puts back what was taken under a reference, the last taken first.
   *
   * @param most how much of it at most
   * @return what was put back; less where less was taken
   */
  BigDecimal putBack(Transaction tx, Wallet wallet, BigDecimal most, Reason reason) {
    BigDecimal left = most;
    List<Transfer> transfers = new ArrayList<>();
    for (WalletStore.Moved moved : WalletStore.moved(tx, reason.reference())) {
      BigDecimal part = moved.amount().min(left);
      if (moved.wallet().equals(wallet.id()) && part.signum() > 0) {
        transfers.add(
            transfer(moved.credit(), reason.kind(), part, reason.reference(), reason.at()));
        left = left.subtract(part);
      }
    }
    book(tx, wallet, transfers);
    List<Work> expiring = new ArrayList<>();
    for (Transfer transfer : transfers) {
      Instant expiresAt = WalletStore.credit(tx, transfer.credit()).orElseThrow().expiresAt();
      if (expiresAt != null) {
        expiring.add(new Work(wallet.tenant(), expire, transfer.credit(), expiresAt));
      }
    }
    agenda.scheduleAll(tx, expiring);
    BigDecimal back = most.subtract(left);
    watch(tx, wallet, wallet.balance().add(back), reason.at());
    return back;
  }

  /** Takes units of a credit back to where they were bought. */
  void takeBack(Transaction tx, Wallet wallet, Credit credit, Reason reason, BigDecimal units) {
    if (units.signum() > 0) {
      book(
          tx,
          wallet,
          List.of(transfer(credit.id(), reason.kind(), units, reason.reference(), reason.at())));
      tellChanged(tx, wallet, "wallet.taken-back", units, reason.at());
      watch(tx, wallet, wallet.balance().subtract(units), reason.at());
    }
  }

  /** Forfeits what is left of a credit. */
  void forfeit(Transaction tx, Wallet wallet, Credit credit, Instant at) {
    if (credit.remaining().signum() > 0) {
      book(
          tx,
          wallet,
          List.of(transfer(credit.id(), Kind.FORFEIT, credit.remaining(), credit.id(), at)));
      tellChanged(tx, wallet, "wallet.forfeited", credit.remaining(), at);
      watch(tx, wallet, wallet.balance().subtract(credit.remaining()), at);
    }
  }

  /** Tells a fall below the alert's threshold once, and puts a top-up on the agenda. */
  void watch(Transaction tx, Wallet wallet, BigDecimal balance, Instant at) {
    BigDecimal alert = wallet.settings().alertBelow();
    boolean low = alert != null && balance.compareTo(alert) < 0;
    if (low != wallet.alerted()) {
      WalletStore.alerted(tx, wallet.id(), low);
    }
    if (low && !wallet.alerted()) {
      outbox.publish(
          tx,
          new Event(
              wallet.tenant(),
              "wallet.low-balance",
              wallet.id(),
              Wire.document(
                  Map.of("asset", wallet.asset().name(), "balance", balance, "below", alert)),
              at));
    }
    AutoTopUp auto = wallet.settings().topUp();
    if (auto != null && balance.compareTo(auto.below()) < 0) {
      agenda.schedule(tx, new Work(wallet.tenant(), topUp, wallet.id(), at));
    }
  }

  private static void book(Transaction tx, Wallet wallet, List<Transfer> transfers) {
    if (!transfers.isEmpty()) {
      WalletStore.book(tx, wallet, transfers);
    }
  }

  private Transfer transfer(
      String credit, Kind kind, BigDecimal amount, String reference, Instant at) {
    return new Transfer(ids.next("wtr"), credit, kind, amount, reference, at);
  }
}
