package io.tollgate.controlplane.simulation;

import io.tollgate.controlplane.catalog.Cycle;
import io.tollgate.controlplane.catalog.Policies.When;
import io.tollgate.controlplane.entitlement.EntitlementOverride;
import io.tollgate.controlplane.subscription.Cancellation;
import io.tollgate.controlplane.wallet.Asset;
import io.tollgate.controlplane.wallet.Deposit;
import io.tollgate.controlplane.wallet.Wallet;
import io.tollgate.controlplane.web.Wire;
import io.tollgate.yaml.YamlMap;
import io.tollgate.yaml.YamlValue;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.joda.money.CurrencyUnit;
import org.jspecify.annotations.Nullable;

/** Reads what happens at a step. Stateless but for how it finds a catalog's text. */
final class ActionReader {
  private static final int MOST_UNITS = 1_000_000;
  private static final Format CSV = new Format("csv", "json");
  private static final Format PDF = new Format("pdf", "html");

  private final Function<YamlValue, CatalogText> catalogs;
  private final Function<YamlValue, String> texts;
  private final Map<String, Reading> readings = new LinkedHashMap<>();

  /** A format, and the other one that can be asked for instead. */
  private record Format(String word, String other) {
    boolean is(YamlValue value) {
      String text = value.text();
      if (!text.equals(word) && !text.equals(other)) {
        throw value.mistake(word + " or " + other + " is expected");
      }
      return text.equals(word);
    }
  }

  /** A catalog's YAML, and what to call it. */
  record CatalogText(String file, String text) {}

  private interface Reading {
    Action read(YamlValue value, ZoneId zone);
  }

  /** A reader whose catalogs and texts, inline or by path, are found so. */
  ActionReader(Function<YamlValue, CatalogText> catalogs, Function<YamlValue, String> texts) {
    this.catalogs = catalogs;
    this.texts = texts;
    readings.put("subscribe", ActionReader::subscribe);
    readings.put("change", (value, zone) -> change(value));
    readings.put("add-on", (value, zone) -> addOn(value.map()));
    readings.put("preview", (value, zone) -> preview(value.map(), zone));
    readings.put("estimate", (value, zone) -> estimate(value.map()));
    readings.put("migrate", (value, zone) -> migrate(value));
    readings.put("unschedule", (value, zone) -> yes(value, new Action.Unschedule()));
    readings.put("pause", ActionReader::pause);
    readings.put("resume", (value, zone) -> yes(value, new Action.Resume()));
    readings.put("cancel", ActionReader::cancel);
    readings.put("undo-cancel", (value, zone) -> yes(value, new Action.UndoCancel()));
    readings.put("reactivate", (value, zone) -> yes(value, new Action.Reactivate()));
    readings.put("coupon", (value, zone) -> new Action.Coupon(value.text(), false));
    readings.put("end-coupon", (value, zone) -> new Action.Coupon(value.text(), true));
    readings.put("usage", (value, zone) -> use(value.map(), zone));
    readings.put("charge", (value, zone) -> charge(value.map()));
    readings.put("pay", (value, zone) -> pay(value));
    readings.put("credit", (value, zone) -> credit(value.map()));
    readings.put("void", (value, zone) -> new Action.Withdraw(value.text()));
    readings.put("refund", (value, zone) -> new Action.Refund(positive(value)));
    readings.put("grant", (value, zone) -> grant(value.map(), zone));
    readings.put("top-up", (value, zone) -> topUp(value.map(), zone));
    readings.put("wallet", (value, zone) -> wallet(value.map()));
    readings.put("override", (value, zone) -> override(value.map(), zone));
    readings.put("apply", (value, zone) -> apply(value));
    readings.put("rerate", (value, zone) -> rerate(value.map()));
    readings.put("export", (value, zone) -> export(value));
    readings.put("import", (value, zone) -> bring(value.map()));
    readings.put("document", (value, zone) -> print(value));
  }

  /** The one action of a step; looking, where it only has expectations. */
  Action read(YamlMap map, ZoneId zone) {
    List<Action> actions = new ArrayList<>();
    readings.forEach(
        (key, reading) -> map.find(key).ifPresent(value -> actions.add(reading.read(value, zone))));
    if (actions.size() > 1) {
      throw map.mistake("one thing happens at a step; write a step for each");
    }
    if (actions.isEmpty() && !map.has("expect")) {
      throw map.mistake(String.join(", ", readings.keySet()) + " or expect is expected");
    }
    return actions.isEmpty() ? new Action.Look() : actions.getFirst();
  }

  private static Action yes(YamlValue value, Action action) {
    if (!value.bool()) {
      throw value.mistake("true is expected");
    }
    return action;
  }

  private static Action subscribe(YamlValue value, ZoneId zone) {
    if (!value.isMap()) {
      return new Action.Subscribe(
          null, value.text(), 1, null, null, null, null, null, false, null, Map.of(), List.of());
    }
    YamlMap map = value.map();
    Map<String, Integer> addOns = addOns(map);
    @Nullable CurrencyUnit currency =
        map.find("currency").map(ScenarioReader::currency).orElse(null);
    Action action =
        new Action.Subscribe(
            map.find("as").map(YamlValue::text).orElse(null),
            map.value("plan").text(),
            quantity(map).orElse(1),
            cycle(map).orElse(null),
            currency,
            map.find("starts").map(v -> ScenarioReader.instant(v, zone)).orElse(null),
            map.find("anchor").map(v -> ScenarioReader.instant(v, zone)).orElse(null),
            map.find("trial-days").map(v -> v.integer(0, 366)).orElse(null),
            map.find("expire-after-trial").map(YamlValue::bool).orElse(false),
            map.find("price").map(YamlValue::decimal).orElse(null),
            addOns,
            map.list("coupons").stream().map(YamlValue::text).toList());
    map.close();
    return action;
  }

  private static Map<String, Integer> addOns(YamlMap map) {
    Map<String, Integer> addOns = new LinkedHashMap<>();
    YamlMap bought = map.map("add-ons");
    bought.keys().forEach(key -> addOns.put(key, bought.value(key).integer(1, MOST_UNITS)));
    return addOns;
  }

  private static Action estimate(YamlMap map) {
    Map<String, BigDecimal> units = new LinkedHashMap<>();
    YamlMap used = map.map("usage");
    used.keys().forEach(key -> units.put(key, positive(used.value(key))));
    Action action =
        new Action.Estimated(
            map.value("plan").text(),
            quantity(map).orElse(1),
            cycle(map).orElse(null),
            map.find("currency").map(ScenarioReader::currency).orElse(null),
            addOns(map),
            units);
    map.close();
    return action;
  }

  private static Action change(YamlValue value) {
    if (!value.isMap()) {
      return new Action.Change(value.text(), null, null, null, null);
    }
    YamlMap map = value.map();
    Action action =
        new Action.Change(
            map.find("plan").map(YamlValue::text).orElse(null),
            quantity(map).orElse(null),
            cycle(map).orElse(null),
            map.find("price").map(YamlValue::decimal).orElse(null),
            when(map));
    map.close();
    return action;
  }

  private static Action addOn(YamlMap map) {
    Action action =
        new Action.AddOn(
            map.value("key").text(), map.value("quantity").integer(0, MOST_UNITS), when(map));
    map.close();
    return action;
  }

  private static Action preview(YamlMap map, ZoneId zone) {
    List<Action> of = new ArrayList<>();
    map.find("subscribe").ifPresent(value -> of.add(subscribe(value, zone)));
    map.find("change").ifPresent(value -> of.add(change(value)));
    map.find("add-on").ifPresent(value -> of.add(addOn(value.map())));
    map.find("cancel").ifPresent(value -> of.add(cancel(value, zone)));
    map.find("migrate").ifPresent(value -> of.add(migrate(value)));
    if (of.size() != 1) {
      throw map.mistake("one of subscribe, change, add-on, cancel and migrate is expected");
    }
    map.close();
    return new Action.Preview(of.getFirst());
  }

  private static Action migrate(YamlValue value) {
    if (!value.isMap()) {
      return yes(value, new Action.Migrate(null));
    }
    YamlMap map = value.map();
    Action action = new Action.Migrate(when(map));
    map.close();
    return action;
  }

  private static Action pause(YamlValue value, ZoneId zone) {
    if (!value.isMap()) {
      return yes(value, new Action.Pause(null));
    }
    YamlMap map = value.map();
    Instant until = ScenarioReader.instant(map.value("until"), zone);
    map.close();
    return new Action.Pause(until);
  }

  private static Action cancel(YamlValue value, ZoneId zone) {
    if (!value.isMap()) {
      return yes(value, new Action.Cancel(new Cancellation(null, false)));
    }
    YamlMap map = value.map();
    if (map.has("when") && map.has("at")) {
      throw map.mistake("at", "either when or at is expected, not both");
    }
    Cancellation how =
        new Cancellation(
            when(map),
            map.find("at").map(at -> ScenarioReader.instant(at, zone)).orElse(null),
            map.find("refund").map(YamlValue::bool).orElse(false));
    map.close();
    return new Action.Cancel(how);
  }

  /** Units by meter; {@code at} back-dates them. */
  private static Action use(YamlMap map, ZoneId zone) {
    @Nullable Instant used =
        map.find("at").map(value -> ScenarioReader.instant(value, zone)).orElse(null);
    Map<String, List<BigDecimal>> units = new LinkedHashMap<>();
    for (String key : map.keys()) {
      if (!key.equals("at")) {
        YamlValue value = map.value(key);
        units.put(
            key,
            value.isList()
                ? value.list().stream().map(ActionReader::units).toList()
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

  private static Action charge(YamlMap map) {
    Action action =
        new Action.Charge(
            map.value("description").text(),
            map.find("quantity").map(ActionReader::positive).orElse(BigDecimal.ONE),
            map.value("unit-price").decimal(),
            map.find("now").map(YamlValue::bool).orElse(false));
    map.close();
    return action;
  }

  private static Action pay(YamlValue value) {
    return new Action.Pay(value.word().equals("all") ? null : positive(value));
  }

  private static Action credit(YamlMap map) {
    Action action =
        new Action.Credit(
            positive(map.value("amount")),
            map.find("reason").map(YamlValue::text).orElse("scenario"));
    map.close();
    return action;
  }

  private static Action grant(YamlMap map, ZoneId zone) {
    Asset asset = asset(map);
    Action action =
        new Action.Grant(
            asset,
            positive(map.value(asset instanceof Asset.Units ? "units" : "amount")),
            priority(map),
            expires(map, zone));
    map.close();
    return action;
  }

  private static Action topUp(YamlMap map, ZoneId zone) {
    Action action =
        new Action.TopUp(
            new Asset.Currency(ScenarioReader.currency(map.value("currency"))),
            positive(map.value("amount")),
            priority(map),
            expires(map, zone));
    map.close();
    return action;
  }

  private static Action wallet(YamlMap map) {
    Asset asset = asset(map);
    @Nullable BigDecimal alert = map.find("alert-below").map(ActionReader::positive).orElse(null);
    Wallet.@Nullable AutoTopUp auto = null;
    if (map.has("top-up")) {
      YamlMap topUp = map.map("top-up");
      auto =
          new Wallet.AutoTopUp(
              positive(topUp.value("below")),
              topUp
                  .find(asset instanceof Asset.Units ? "quantity" : "amount")
                  .map(ActionReader::positive)
                  .orElse(BigDecimal.ONE),
              topUp.find("add-on").map(YamlValue::text).orElse(null));
      topUp.close();
    }
    map.close();
    return new Action.SetWallet(asset, new Wallet.Settings(alert, auto));
  }

  /** {@code {feature, value, expires}} or {@code {limit, amount, expires}}. */
  private static Action override(YamlMap map, ZoneId zone) {
    if (map.has("feature") == map.has("limit")) {
      throw map.mistake("a feature or a limit is expected");
    }
    EntitlementOverride.Value value =
        map.has("feature")
            ? feature(map.value("feature").text(), map.value("value").word())
            : new EntitlementOverride.Value.OfLimit(
                map.value("limit").text(),
                map.value("amount").whole(0, Long.MAX_VALUE / 1_000_000),
                null,
                null);
    Action action = new Action.SetEntitlement(value, expires(map, zone));
    map.close();
    return action;
  }

  /** {@code true}, {@code false}, a number, or a level. */
  private static EntitlementOverride.Value feature(String key, String word) {
    if (word.matches("[0-9]{1,15}")) {
      long limit = Long.parseLong(word);
      return new EntitlementOverride.Value.OfFeature(key, limit > 0, limit, null);
    }
    boolean plain = word.equals("true") || word.equals("false");
    return new EntitlementOverride.Value.OfFeature(
        key, !word.equals("false"), null, plain ? null : word);
  }

  private Action apply(YamlValue value) {
    CatalogText text = catalogs.apply(value);
    return new Action.Apply(text.file(), text.text());
  }

  private Action rerate(YamlMap map) {
    CatalogText draft = catalogs.apply(map.value("catalog"));
    int invoices = map.find("invoices").map(value -> value.integer(1, 24)).orElse(1);
    map.close();
    return new Action.Rerate(draft.file(), draft.text(), invoices);
  }

  private static Action export(YamlValue value) {
    if (!value.isMap()) {
      return new Action.Export(value.text(), true);
    }
    YamlMap map = value.map();
    Action action =
        new Action.Export(map.value("table").text(), map.find("format").map(CSV::is).orElse(true));
    map.close();
    return action;
  }

  private Action bring(YamlMap map) {
    if (map.has("csv") == map.has("json")) {
      throw map.mistake("csv or json is expected");
    }
    boolean csv = map.has("csv");
    YamlValue rows = map.value(csv ? "csv" : "json");
    Action action =
        new Action.Import(
            map.value("table").text(),
            csv,
            rows.isList() ? Wire.write(rows.plain()) : texts.apply(rows),
            map.find("dry-run").map(YamlValue::bool).orElse(false));
    map.close();
    return action;
  }

  private static Action print(YamlValue value) {
    if (!value.isMap()) {
      return new Action.Print(PDF.is(value), null, List.of());
    }
    YamlMap map = value.map();
    Action action =
        new Action.Print(
            PDF.is(map.value("format")),
            map.find("number").map(YamlValue::text).orElse(null),
            map.list("contains").stream().map(YamlValue::word).toList());
    map.close();
    return action;
  }

  private static Asset asset(YamlMap map) {
    if (map.has("meter") == map.has("currency")) {
      throw map.mistake("a meter or a currency is expected");
    }
    return map.has("meter")
        ? new Asset.Units(map.value("meter").text())
        : new Asset.Currency(ScenarioReader.currency(map.value("currency")));
  }

  private static int priority(YamlMap map) {
    return map.find("priority").map(value -> value.integer(0, 1000)).orElse(Deposit.USUAL);
  }

  private static @Nullable Instant expires(YamlMap map, ZoneId zone) {
    return map.find("expires").map(value -> ScenarioReader.instant(value, zone)).orElse(null);
  }

  private static BigDecimal positive(YamlValue value) {
    BigDecimal number = value.decimal();
    if (number.signum() <= 0) {
      throw value.mistake("a number above 0 is expected");
    }
    return number;
  }

  private static Optional<Integer> quantity(YamlMap map) {
    return map.find("quantity").map(value -> value.integer(1, MOST_UNITS));
  }

  private static Optional<Cycle> cycle(YamlMap map) {
    return map.find("cycle")
        .map(
            value ->
                Cycle.parse(value.text())
                    .orElseThrow(() -> value.mistake(Cycle.ALLOWED + " is expected")));
  }

  private static @Nullable When when(YamlMap map) {
    return map.find("when")
        .map(
            value -> {
              When when = value.oneOf(When.class);
              if (when == When.FORBIDDEN) {
                throw value.mistake("now or period-end is expected");
              }
              return when;
            })
        .orElse(null);
  }
}
