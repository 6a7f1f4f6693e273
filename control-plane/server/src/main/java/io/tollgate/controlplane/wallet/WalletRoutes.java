package io.tollgate.controlplane.wallet;

import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.money.Amounts;
import io.tollgate.controlplane.wallet.Wallet.AutoTopUp;
import io.tollgate.controlplane.wallet.Wallet.Settings;
import io.tollgate.controlplane.web.Call;
import io.tollgate.controlplane.web.JsonFields;
import io.tollgate.controlplane.web.Page;
import io.tollgate.controlplane.web.PageRequest;
import io.tollgate.controlplane.web.Problem;
import io.tollgate.controlplane.web.Reply;
import io.tollgate.controlplane.web.Role;
import io.tollgate.controlplane.web.Routes;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;

/** Wallets over HTTP. */
final class WalletRoutes {
  private static final String ALL = "/api/billing/wallets";
  private static final String ONE = ALL + "/{id}";

  private final Wallets wallets;
  private final Wallets.Parts parts;

  WalletRoutes(Wallets wallets, Wallets.Parts parts) {
    this.wallets = wallets;
    this.parts = parts;
  }

  void mount(Routes routes) {
    routes.get(ALL, Role.READERS, this::list).paged().query("tenant");
    routes.post(ALL, Role.STAFF, this::open);
    routes.get(ONE, Role.READERS, (call, tx) -> reply(find(call, tx)));
    routes.put(ONE, Role.STAFF, this::configure);
    routes.post(ONE + "/grants", Role.STAFF, this::grant);
    routes.post(ONE + "/top-ups", Role.STAFF, this::topUp);
    routes.get(ONE + "/credits", Role.READERS, this::credits).paged();
    routes.get(ONE + "/ledger", Role.READERS, this::ledger).paged();
  }

  private Reply list(Call call, Transaction tx) {
    PageRequest page = call.page();
    return Reply.ok(
        Page.of(WalletStore.page(tx, call.tenantFilter().orElse(null), page), page, Wallet::id)
            .map(WalletRoutes::shown));
  }

  private Reply open(Call call, Transaction tx) {
    JsonFields fields = call.fields();
    String tenant = fields.text("tenant");
    if (parts.tenants().find(tx, tenant).isEmpty()) {
      throw fields.wrong("tenant", "there is no tenant " + tenant);
    }
    if (fields.has("currency") == fields.has("meter")) {
      throw fields.wrong("currency", "either a currency or a meter is expected");
    }
    Asset asset = asset(fields);
    Settings settings = settings(fields);
    fields.close();
    Wallet wallet = wallets.open(tx, tenant, asset);
    if (!settings.equals(wallet.settings())) {
      wallet = wallets.configure(tx, call.principal().id(), wallet.id(), settings);
    }
    return Reply.created(ALL + "/" + wallet.id(), shown(wallet)).version(wallet.version());
  }

  /** The {@code meter} or {@code currency} that a wallet is of. */
  static Asset asset(JsonFields fields) {
    return fields.has("meter") ? new Asset.Units(fields.text("meter")) : currency(fields);
  }

  private static Asset currency(JsonFields fields) {
    String code = fields.text("currency");
    try {
      return new Asset.Currency(Amounts.currency(code));
    } catch (IllegalArgumentException e) {
      throw fields.wrong("currency", String.valueOf(e.getMessage()));
    }
  }

  /** When a wallet alerts and tops itself up. */
  static Settings settings(JsonFields fields) {
    BigDecimal alert = fields.findDecimal("alertBelow").orElse(null);
    if (alert != null && alert.signum() <= 0) {
      throw fields.wrong("alertBelow", "over 0 is expected");
    }
    AutoTopUp topUp =
        fields
            .findObject("topUp")
            .map(
                inner -> {
                  AutoTopUp auto =
                      new AutoTopUp(
                          inner.decimal("below"),
                          inner.findDecimal("amount").orElse(BigDecimal.ONE),
                          inner.findText("addOn").orElse(null));
                  inner.close();
                  return auto;
                })
            .orElse(null);
    return new Settings(alert, topUp);
  }

  private Reply configure(Call call, Transaction tx) {
    call.mustMatch(find(call, tx).version());
    JsonFields fields = call.fields();
    Settings settings = settings(fields);
    fields.close();
    return reply(wallets.configure(tx, call.principal().id(), call.path("id"), settings));
  }

  private Reply grant(Call call, Transaction tx) {
    Wallet wallet = find(call, tx);
    JsonFields fields = call.fields();
    Deposit deposit = deposit(fields, Credit.Source.GRANT, parts.ids().next("dep"));
    fields.close();
    Wallet after =
        wallets.deposit(tx, call.principal().id(), wallet.tenant(), wallet.asset(), deposit);
    return Reply.created(ALL + "/" + wallet.id(), shown(after)).version(after.version());
  }

  private Reply topUp(Call call, Transaction tx) {
    JsonFields fields = call.fields();
    Deposit deposit = deposit(fields, Credit.Source.TOP_UP, parts.ids().next("wtu"));
    TopUp.Collection collection =
        fields.has("collect")
            ? collection(fields.bool("collect", false))
            : TopUp.Collection.IF_CHARGEABLE;
    fields.close();
    TopUp topUp = wallets.topUp(tx, call.principal().id(), call.path("id"), deposit, collection);
    return Reply.created("/api/billing/invoices/" + topUp.invoice(), topUp);
  }

  private static TopUp.Collection collection(boolean atOnce) {
    return atOnce ? TopUp.Collection.AT_ONCE : TopUp.Collection.BY_STEPS;
  }

  private static Deposit deposit(JsonFields fields, Credit.Source source, String origin) {
    return new Deposit(
        fields.decimal("amount"),
        fields.findWhole("priority", 0, 1000).map(Math::toIntExact).orElse(Deposit.USUAL),
        fields.findInstant("expiresAt").orElse(null),
        source,
        origin);
  }

  private Reply credits(Call call, Transaction tx) {
    PageRequest page = call.page();
    return Reply.ok(Page.of(WalletStore.credits(tx, find(call, tx).id(), page), page, Credit::id));
  }

  private Reply ledger(Call call, Transaction tx) {
    PageRequest page = call.page();
    return Reply.ok(
        Page.of(WalletStore.ledger(tx, find(call, tx).id(), page), page, Transfer::id)
            .map(WalletRoutes::shown));
  }

  private static Wallet find(Call call, Transaction tx) {
    return WalletStore.find(tx, call.path("id"))
        .orElseThrow(() -> Problem.notFound("wallet", call.path("id")));
  }

  private static Reply reply(Wallet wallet) {
    return Reply.ok(shown(wallet)).version(wallet.version());
  }

  private static Map<String, Object> shown(Wallet wallet) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("id", wallet.id());
    shown.put("tenant", wallet.tenant());
    shown.put(
        switch (wallet.asset()) {
          case Asset.Currency currency -> "currency";
          case Asset.Units units -> "meter";
        },
        wallet.asset().name());
    shown.put("balance", wallet.balance());
    shown.put("drawn", wallet.drawn());
    shown.put("alertBelow", wallet.settings().alertBelow());
    shown.put("topUp", wallet.settings().topUp());
    shown.put("alerts", wallet.alerts());
    shown.put("version", wallet.version());
    return shown;
  }

  private static Map<String, Object> shown(Transfer transfer) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("id", transfer.id());
    shown.put("credit", transfer.credit());
    shown.put("kind", transfer.kind().word());
    shown.put("debited", transfer.kind().from());
    shown.put("credited", transfer.kind().to());
    shown.put("amount", transfer.amount());
    shown.put("reference", transfer.reference());
    shown.put("at", transfer.at());
    return shown;
  }
}
