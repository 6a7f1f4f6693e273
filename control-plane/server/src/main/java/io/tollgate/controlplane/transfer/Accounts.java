package io.tollgate.controlplane.transfer;

import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.invoice.History;
import io.tollgate.controlplane.invoice.run.Billing;
import io.tollgate.controlplane.invoice.run.OneOffCharge;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.Subscriptions;
import io.tollgate.controlplane.wallet.WalletMoves;
import io.tollgate.controlplane.web.JsonFields;
import java.util.regex.Pattern;

/**
 * Brings what a tenant had elsewhere: money on balances, wallets, and charges that wait for the
 * next invoice of a subscription that was brought.
 *
 * @param subscriptions whose invoices charges wait for
 * @param wallets where prepaid credit goes
 * @param history where balances go
 * @param billing where charges go
 */
record Accounts(
    Subscriptions subscriptions, WalletMoves wallets, History history, Billing billing) {
  private static final Pattern ID = Pattern.compile("one_[0-9a-z]{1,60}");

  void bring(Transaction tx, String actor, JsonFields fields) {
    String tenant = fields.text("tenant");
    fields.objects("balances").forEach(balance -> history.bringBalance(tx, actor, tenant, balance));
    fields.objects("wallets").forEach(wallet -> wallets.bring(tx, actor, tenant, wallet));
    fields.objects("charges").forEach(charge -> charge(tx, tenant, charge));
    fields.close();
  }

  /** A charge keeps its id, so that none is brought, and billed, twice. */
  private void charge(Transaction tx, String tenant, JsonFields fields) {
    String charge = fields.text("id");
    if (!ID.matcher(charge).matches()) {
      throw fields.wrong("id", "a charge's id is expected, such as one_01j8, not " + charge);
    }
    String id = fields.text("subscription");
    Subscription subscription =
        subscriptions
            .find(tx, id)
            .filter(found -> found.tenant().equals(tenant) && !found.state().isOver())
            .orElseThrow(
                () -> fields.wrong("subscription", "the tenant has no living subscription " + id));
    OneOffCharge what =
        new OneOffCharge(
            fields.text("item"),
            fields.text("description"),
            fields.decimal("quantity"),
            fields.decimal("unitPrice"),
            fields.text("taxCategory"));
    if (!billing.charge(tx, charge, subscription, what, fields.instant("at"))) {
      throw fields.wrong("id", "the charge " + charge + " was brought before");
    }
    fields.close();
  }
}
