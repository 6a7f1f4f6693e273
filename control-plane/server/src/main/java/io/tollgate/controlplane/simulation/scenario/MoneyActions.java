package io.tollgate.controlplane.simulation.scenario;

import io.tollgate.controlplane.catalog.TaxRates;
import io.tollgate.controlplane.invoice.Delivery;
import io.tollgate.controlplane.invoice.Invoices;
import io.tollgate.controlplane.invoice.run.OneOffCharge;
import io.tollgate.controlplane.wallet.Asset;
import io.tollgate.controlplane.wallet.TopUp.Collection;
import io.tollgate.controlplane.wallet.Wallet;
import io.tollgate.yaml.YamlMap;
import io.tollgate.yaml.YamlValue;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads what is used, billed and paid. Stateless. */
final class MoneyActions {
  private MoneyActions() {}

  /** Units by meter; {@code at} back-dates them. */
  static Action use(YamlMap map, ZoneId zone) {
    @Nullable Instant used =
        map.find("at").map(value -> ScenarioReader.instant(value, zone)).orElse(null);
    Map<String, List<BigDecimal>> units = new LinkedHashMap<>();
    for (String key : map.keys()) {
      if (!key.equals("at")) {
        YamlValue value = map.value(key);
        units.put(
            key,
            value.isList()
                ? value.list().stream().map(MoneyActions::units).toList()
                : List.of(units(value)));
      }
    }
    return new Action.Use(units, used);
  }

  private static BigDecimal units(YamlValue value) {
    BigDecimal units = value.decimal();
    if (units.abs().compareTo(BigDecimal.valueOf(1L << 48)) > 0 || units.scale() > 9) {
      throw value.mistake("a number up to 2^48 with at most 9 decimals is expected");
    }
    return units;
  }

  static Action charge(YamlMap map) {
    map.allow("description", "quantity", "unit-price", "item", "tax-category", "now");
    OneOffCharge what =
        new OneOffCharge(
            map.find("item").map(YamlValue::text).orElse(OneOffCharge.ITEM),
            map.value("description").text(),
            map.find("quantity").map(ActionWords::positive).orElse(BigDecimal.ONE),
            map.value("unit-price").decimal(),
            map.find("tax-category").map(YamlValue::text).orElse(TaxRates.STANDARD));
    return new Action.Charge(what, map.find("now").map(YamlValue::bool).orElse(false));
  }

  /** Where money for an invoice can come from but from outside. */
  private enum From {
    WALLET
  }

  /** {@code all}, an amount, {@code {amount, number}}, or {@code {from: wallet}} with both. */
  static Action pay(YamlValue value) {
    if (!value.isMap()) {
      return new Action.Pay(amount(value));
    }
    YamlMap map = value.map();
    map.allow("amount", "number", "from");
    @Nullable BigDecimal amount = map.find("amount").map(MoneyActions::amount).orElse(null);
    if (!map.has("from")) {
      return new Action.Pay(amount, map.value("number").text());
    }
    map.value("from").oneOf(From.class);
    return new Action.PayFromWallet(amount, number(map));
  }

  static Action refund(YamlValue value) {
    if (!value.isMap()) {
      return new Action.Refund(ActionWords.positive(value), null);
    }
    YamlMap map = value.map();
    map.allow("amount", "currency");
    return new Action.Refund(
        ActionWords.positive(map.value("amount")), ScenarioReader.currency(map.value("currency")));
  }

  private static @Nullable BigDecimal amount(YamlValue value) {
    String word = value.word();
    if (word.matches(".*[A-Za-z].*") && !word.equals("all")) {
      throw value.mistake("an amount, or all, is expected, not '" + word + "'");
    }
    return word.equals("all") ? null : ActionWords.positive(value);
  }

  static Action credit(YamlMap map) {
    map.among("amount", "lines", "reason", "number", "refund");
    List<Action.LinePart> lines = new ArrayList<>();
    for (YamlValue value : map.list("lines")) {
      YamlMap line = value.map();
      line.among("line", "amount", "quantity");
      boolean byQuantity = line.has("quantity");
      BigDecimal units = ActionWords.positive(line.value(byQuantity ? "quantity" : "amount"));
      lines.add(
          new Action.LinePart(
              line.value("line").integer(1, 1_000_000),
              byQuantity ? null : units,
              byQuantity ? units : null));
      line.close();
    }
    Action action =
        new Action.Credit(
            lines.isEmpty() ? ActionWords.positive(map.value("amount")) : null,
            lines,
            map.find("reason").map(YamlValue::text).orElse("scenario"),
            number(map),
            map.find("refund").map(YamlValue::bool).orElse(false));
    map.close();
    return action;
  }

  /** A reason, or {@code {reason, number}}. */
  static Action withdraw(YamlValue value) {
    if (!value.isMap()) {
      return new Action.Withdraw(value.text());
    }
    YamlMap map = value.map();
    map.allow("reason", "number");
    return new Action.Withdraw(
        map.find("reason").map(YamlValue::text).orElse("scenario"), number(map));
  }

  static Action deliver(YamlMap map) {
    map.allow("channel", "recipient", "outcome", "detail", "number");
    return new Action.Deliver(
        new Invoices.Handover(
            map.value("channel").text(),
            map.value("recipient").text(),
            map.value("outcome").oneOf(Delivery.Outcome.class),
            map.find("detail").map(YamlValue::text).orElse("")),
        number(map));
  }

  private static @Nullable String number(YamlMap map) {
    return map.find("number").map(YamlValue::text).orElse(null);
  }

  static Action grant(YamlMap map, ZoneId zone) {
    map.among("currency", "meter", "amount", "units", "priority", "expires");
    Asset asset = ActionWords.asset(map);
    Action action =
        new Action.Grant(
            asset,
            ActionWords.positive(map.value(asset instanceof Asset.Units ? "units" : "amount")),
            ActionWords.priority(map),
            ActionWords.expires(map, zone));
    map.close();
    return action;
  }

  static Action topUp(YamlMap map, ZoneId zone) {
    map.allow("currency", "amount", "priority", "expires", "collect");
    return new Action.TopUp(
        new Asset.Currency(ScenarioReader.currency(map.value("currency"))),
        ActionWords.positive(map.value("amount")),
        ActionWords.priority(map),
        ActionWords.expires(map, zone),
        map.find("collect").map(MoneyActions::collection).orElse(Collection.IF_CHARGEABLE));
  }

  private static Collection collection(YamlValue value) {
    return value.bool() ? Collection.AT_ONCE : Collection.BY_STEPS;
  }

  static Action wallet(YamlMap map) {
    map.among("currency", "meter", "alert-below", "top-up");
    Asset asset = ActionWords.asset(map);
    @Nullable BigDecimal alert = map.find("alert-below").map(ActionWords::positive).orElse(null);
    Wallet.@Nullable AutoTopUp auto = null;
    if (map.has("top-up")) {
      YamlMap topUp = map.map("top-up");
      topUp.among("below", "amount", "add-on", "quantity");
      auto =
          new Wallet.AutoTopUp(
              ActionWords.positive(topUp.value("below")),
              topUp
                  .find(asset instanceof Asset.Units ? "quantity" : "amount")
                  .map(ActionWords::positive)
                  .orElse(BigDecimal.ONE),
              topUp.find("add-on").map(YamlValue::text).orElse(null));
      topUp.close();
    }
    map.close();
    return new Action.SetWallet(asset, new Wallet.Settings(alert, auto));
  }
}
