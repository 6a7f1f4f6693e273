package io.tollgate.controlplane.transfer;

import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.transfer.ExportStore.Out;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What tenants have, as it is exported. It reads other rooms' tables, and only reads: a page is one
 * query, in the caller's scope.
 */
final class AccountStore {
  private static final String BALANCES =
      """
      (SELECT json_agg(json_build_object('currency', currency, 'amount', amount::text)
          ORDER BY currency)::text
        FROM invoice_balances b WHERE b.tenant = t.tenant AND amount > 0)
      """;

  /** Of a credit what the running period has drawn, and what has expired; bills took the rest. */
  private static final String CREDITS =
      """
      (SELECT json_agg(json_strip_nulls(json_build_object(
          'amount', c.amount::text, 'remaining', c.remaining::text,
          'drawn', (SELECT sum(CASE kind WHEN 'DRAW' THEN m.amount ELSE -m.amount END)::text
            FROM wallet_transfers m WHERE m.wallet = w.id AND m.credit = c.id
              AND m.kind IN ('DRAW', 'RETURN') AND m.reference = w.id || '#' || w.round),
          'forfeited', (SELECT sum(m.amount)::text FROM wallet_transfers m
            WHERE m.wallet = w.id AND m.credit = c.id AND m.kind = 'FORFEIT'),
          'priority', c.priority, 'expiresAt', c.expires_at, 'source', c.source,
          'origin', c.origin, 'createdAt', c.created_at)) ORDER BY c.id)
        FROM wallet_credits c WHERE c.wallet = w.id)
      """;

  private static final String WALLETS =
      """
      (SELECT json_agg(json_strip_nulls(json_build_object(
          'meter', CASE WHEN asset LIKE 'meter:%' THEN substr(asset, 7) END,
          'currency', CASE WHEN asset NOT LIKE 'meter:%' THEN asset END,
          'alertBelow', alert_below::text,
          'topUp', CASE WHEN top_up_below IS NOT NULL THEN json_build_object(
            'below', top_up_below::text, 'amount', top_up_amount::text, 'addOn', top_up_add_on) END,
          'credits',
      """
          + CREDITS
          + """
          )) ORDER BY asset)::text FROM wallets w WHERE w.tenant = t.tenant)
      """;

  private static final String CHARGES =
      """
      (SELECT json_agg(json_build_object('id', id, 'subscription', subscription, 'item', item,
          'description', description, 'quantity', quantity::text, 'unitPrice', unit_price::text,
          'taxCategory', tax_category, 'at', at) ORDER BY id)::text
        FROM invoice_one_offs o WHERE o.tenant = t.tenant AND o.invoice IS NULL)
      """;

  private static final String PAGE =
      "SELECT * FROM (SELECT t.tenant, "
          + BALANCES
          + " AS balances, "
          + WALLETS
          + " AS wallets, "
          + CHARGES
          + " AS charges FROM tenants t WHERE t.tenant > $1"
          + " AND ($2::text IS NULL OR t.tenant = $2)) a"
          + " WHERE coalesce(balances, wallets, charges) IS NOT NULL ORDER BY tenant LIMIT $3";

  private AccountStore() {}

  static List<Out> page(Transaction tx, String after, @Nullable String tenant, int most) {
    return tx.list(
        PAGE,
        row ->
            new Out(
                row.text("tenant"),
                Arrays.asList(
                    row.text("tenant"),
                    row.findText("balances"),
                    row.findText("wallets"),
                    row.findText("charges"))),
        after,
        tenant,
        most);
  }
}
