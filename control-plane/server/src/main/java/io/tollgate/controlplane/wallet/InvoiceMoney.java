package io.tollgate.controlplane.wallet;

import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.wallet.Ledger.Reason;
import io.tollgate.controlplane.wallet.Transfer.Kind;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;

/** The money of wallets that pays invoices, and comes back from those that are lowered. */
record InvoiceMoney(Ledger ledger) {
  /** See {@link Wallets#pay}. */
  Map<String, Money> pay(Transaction tx, List<Wallets.Due> dues) {
    Set<String> tenants = dues.stream().map(Wallets.Due::tenant).collect(Collectors.toSet());
    Set<String> currencies =
        dues.stream().map(d -> d.amount().getCurrencyUnit().getCode()).collect(Collectors.toSet());
    Map<String, String> wallets = new HashMap<>();
    for (Wallet wallet : WalletStore.lock(tx, tenants, currencies)) {
      wallets.put(wallet.tenant() + " " + wallet.asset().key(), wallet.id());
    }
    if (wallets.isEmpty()) {
      return Map.of();
    }
    Set<String> topUps =
        TopUpStore.pending(tx, dues.stream().map(Wallets.Due::invoice).toList()).stream()
            .map(TopUp::invoice)
            .collect(Collectors.toSet());
    Map<String, Money> paid = new HashMap<>();
    for (Wallets.Due due : dues) {
      CurrencyUnit currency = due.amount().getCurrencyUnit();
      String wallet = wallets.get(due.tenant() + " " + currency.getCode());
      if (wallet != null && due.amount().isPositive() && !topUps.contains(due.invoice())) {
        BigDecimal taken =
            ledger.take(
                tx,
                WalletStore.find(tx, wallet).orElseThrow(),
                due.amount().getAmount(),
                new Reason(Kind.PAY, "invoice:" + due.invoice(), due.at()),
                due.at().plusNanos(1000));
        if (taken.signum() > 0) {
          paid.put(due.invoice(), Money.of(currency, taken));
        }
      }
    }
    return paid;
  }

  /** Puts back what wallets paid of an invoice, the amount at most. */
  void giveBack(Transaction tx, Wallets.Due invoice) {
    CurrencyUnit currency = invoice.amount().getCurrencyUnit();
    for (Wallet wallet :
        WalletStore.lock(tx, List.of(invoice.tenant()), List.of(currency.getCode()))) {
      ledger.putBack(
          tx,
          wallet,
          invoice.amount().getAmount(),
          new Reason(Kind.GIVE_BACK, "invoice:" + invoice.invoice(), invoice.at()));
    }
  }
}
