package io.tollgate.controlplane.wallet;

import io.tollgate.controlplane.database.Event;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.time.Work;
import io.tollgate.controlplane.wallet.Transfer.Kind;
import io.tollgate.controlplane.web.JsonFields;
import io.tollgate.controlplane.web.Wire;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Wallets that another control plane kept, brought as they stood: every credit with what is left of
 * it, what has expired, and what the usage of the running period has drawn. What earlier bills took
 * is booked as one entry of a credit. Top-ups whose invoices are open stay behind. Thread-safe.
 */
public final class WalletMoves {
  /** What the references of entries begin with that sum up what happened elsewhere. */
  private static final String ELSEWHERE = "moved:";

  private final Wallets wallets;
  private final Wallets.Parts parts;

  WalletMoves(Wallets wallets, Wallets.Parts parts) {
    this.wallets = wallets;
    this.parts = parts;
  }

  /**
   * Brings one wallet of a tenant, as exports write it.
   *
   * @throws io.tollgate.controlplane.web.Problem 422 naming the field that cannot be
   */
  public void bring(Transaction tx, String actor, String tenant, JsonFields fields) {
    Asset asset = WalletRoutes.asset(fields);
    Wallet wallet = wallets.open(tx, tenant, asset);
    if (!WalletStore.credits(tx, wallet.id()).isEmpty()) {
      throw fields.wrong(
          asset instanceof Asset.Units ? "meter" : "currency",
          "the tenant has a wallet of " + asset.name() + " already");
    }
    Instant now = parts.clocks().now(tx, tenant);
    BigDecimal drawn = BigDecimal.ZERO;
    for (JsonFields credit : fields.objects("credits")) {
      drawn = drawn.add(bring(tx, wallet, credit, now));
    }
    WalletStore.drawn(tx, wallet.id(), drawn, wallet.round());
    wallets.configure(tx, actor, wallet.id(), WalletRoutes.settings(fields));
    fields.close();
    Map<String, Object> facts = Map.of("asset", asset.name());
    parts.audit().record(tx, actor, "wallet.imported", wallet.id(), tenant, facts);
    parts
        .outbox()
        .publish(tx, new Event(tenant, "wallet.imported", wallet.id(), Wire.document(facts), now));
  }

  /** One credit; how much of it the running period has drawn. */
  private BigDecimal bring(Transaction tx, Wallet wallet, JsonFields fields, Instant now) {
    Asset asset = wallet.asset();
    BigDecimal amount = fields.decimal("amount");
    if (!asset.holds(amount)) {
      throw fields.wrong("amount", "over 0, within the decimals of " + asset.name());
    }
    BigDecimal remaining = part(fields, "remaining", asset);
    BigDecimal drawn = part(fields, "drawn", asset);
    BigDecimal forfeited = part(fields, "forfeited", asset);
    BigDecimal gone = amount.subtract(remaining).subtract(drawn).subtract(forfeited);
    boolean units = asset instanceof Asset.Units;
    if (gone.signum() < 0 || (!units && drawn.signum() > 0)) {
      throw fields.wrong("remaining", "more than there ever was, or drawn of money");
    }
    Instant at = fields.instant("createdAt");
    Deposit deposit =
        new Deposit(
            amount,
            fields.findWhole("priority", 0, 1000).map(Math::toIntExact).orElse(Deposit.USUAL),
            fields.findInstant("expiresAt").orElse(null),
            fields.oneOf("source", Credit.Source.class),
            fields.text("origin"));
    fields.close();
    String id = parts.ids().next("wcr");
    WalletStore.insert(tx, wallet, id, deposit, at);
    List<Transfer> entries = new ArrayList<>();
    add(entries, id, Kind.DEPOSIT, amount, deposit.origin(), at);
    add(entries, id, units ? Kind.DRAW : Kind.PAY, gone, ELSEWHERE + id, at);
    add(entries, id, Kind.FORFEIT, forfeited, id, at);
    add(entries, id, Kind.DRAW, drawn, wallet.id() + "#" + wallet.round(), now);
    WalletStore.book(tx, wallet, entries);
    if (deposit.expiresAt() != null && (remaining.signum() > 0 || drawn.signum() > 0)) {
      parts
          .agenda()
          .schedule(tx, new Work(wallet.tenant(), Wallets.EXPIRE, id, deposit.expiresAt()));
    }
    return drawn;
  }

  private static BigDecimal part(JsonFields fields, String field, Asset asset) {
    BigDecimal part = fields.findDecimal(field).orElse(BigDecimal.ZERO);
    if (part.signum() != 0 && !asset.holds(part)) {
      throw fields.wrong(field, "at least 0, within the decimals of " + asset.name());
    }
    return part;
  }

  private void add(
      List<Transfer> entries, String credit, Kind kind, BigDecimal amount, String of, Instant at) {
    if (amount.signum() > 0) {
      entries.add(new Transfer(parts.ids().next("wtr"), credit, kind, amount, of, at));
    }
  }
}
