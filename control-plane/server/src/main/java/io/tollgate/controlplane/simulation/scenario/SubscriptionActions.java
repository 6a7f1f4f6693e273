package io.tollgate.controlplane.simulation.scenario;

import io.tollgate.controlplane.catalog.Policies.When;
import io.tollgate.controlplane.subscription.Cancellation;
import io.tollgate.controlplane.subscription.PauseWish;
import io.tollgate.controlplane.subscription.TrialEnd;
import io.tollgate.yaml.YamlMap;
import io.tollgate.yaml.YamlValue;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.joda.money.CurrencyUnit;
import org.jspecify.annotations.Nullable;

/** Reads what happens to subscriptions. Stateless. */
final class SubscriptionActions {
  private SubscriptionActions() {}

  static Action subscribe(YamlValue value, ZoneId zone) {
    if (!value.isMap()) {
      return new Action.Subscribe(
          null, value.text(), 1, null, null, null, null, null, false, null, Map.of(), List.of());
    }
    YamlMap map = value.map();
    map.allow(
        "as",
        "plan",
        "quantity",
        "cycle",
        "currency",
        "starts",
        "anchor",
        "trial-days",
        "expire-after-trial",
        "price",
        "add-ons",
        "coupons");
    Map<String, Integer> addOns = ActionWords.addOns(map);
    @Nullable CurrencyUnit currency =
        map.find("currency").map(ScenarioReader::currency).orElse(null);
    return new Action.Subscribe(
        map.find("as").map(YamlValue::text).orElse(null),
        map.value("plan").text(),
        ActionWords.quantity(map).orElse(1),
        ActionWords.cycle(map).orElse(null),
        currency,
        map.find("starts").map(v -> ScenarioReader.instant(v, zone)).orElse(null),
        map.find("anchor").map(v -> ScenarioReader.instant(v, zone)).orElse(null),
        map.find("trial-days").map(v -> v.integer(0, 366)).orElse(null),
        map.find("expire-after-trial").map(YamlValue::bool).orElse(false),
        map.find("price").map(YamlValue::decimal).orElse(null),
        addOns,
        map.list("coupons").stream().map(YamlValue::text).toList());
  }

  static Action change(YamlValue value) {
    if (!value.isMap()) {
      return new Action.Change(value.text(), null, null, null, null, false);
    }
    YamlMap map = value.map();
    map.allow("plan", "quantity", "cycle", "price", "when", "trial");
    @Nullable When when = ActionWords.when(map);
    boolean endsTrial =
        map.find("trial").map(v -> v.oneOf(TrialEnd.AtChange.class)).stream()
            .anyMatch(TrialEnd.AtChange.END::equals);
    if (endsTrial && when == When.PERIOD_END) {
      throw map.mistake("trial", "a change that waits for the trial's end keeps it");
    }
    return new Action.Change(
        map.find("plan").map(YamlValue::text).orElse(null),
        ActionWords.quantity(map).orElse(null),
        ActionWords.cycle(map).orElse(null),
        map.find("price").map(YamlValue::decimal).orElse(null),
        when,
        endsTrial);
  }

  /** {@code {ends}}: {@code now} or an instant. */
  static Action trial(YamlMap map, ZoneId zone) {
    map.allow("ends");
    YamlValue ends = map.value("ends");
    return new Action.Trial(ends.word().equals("now") ? null : ScenarioReader.instant(ends, zone));
  }

  static Action addOn(YamlMap map) {
    map.allow("key", "quantity", "when");
    return new Action.AddOn(
        map.value("key").text(),
        map.value("quantity").integer(0, ActionWords.MOST_UNITS),
        ActionWords.when(map));
  }

  static Action preview(YamlMap map, ZoneId zone) {
    map.allow("subscribe", "change", "trial", "add-on", "cancel", "upcoming", "migrate");
    List<Action> of = new ArrayList<>();
    map.find("subscribe").ifPresent(value -> of.add(subscribe(value, zone)));
    map.find("change").ifPresent(value -> of.add(change(value)));
    map.find("trial").ifPresent(value -> of.add(trial(value.map(), zone)));
    map.find("add-on").ifPresent(value -> of.add(addOn(value.map())));
    map.find("cancel").ifPresent(value -> of.add(cancel(value, zone)));
    map.find("upcoming").ifPresent(value -> of.add(ActionWords.yes(value, new Action.Look())));
    map.find("migrate").ifPresent(value -> of.add(migrate(value)));
    if (of.size() != 1) {
      throw map.mistake(
          "one of subscribe, change, trial, add-on, cancel, migrate and upcoming is expected");
    }
    return new Action.Preview(of.getFirst());
  }

  static Action migrate(YamlValue value) {
    if (!value.isMap()) {
      return ActionWords.yes(value, new Action.Migrate(null));
    }
    YamlMap map = value.map();
    map.allow("when");
    return new Action.Migrate(ActionWords.when(map));
  }

  static Action pause(YamlValue value, ZoneId zone) {
    if (!value.isMap()) {
      return ActionWords.yes(value, new Action.Pause(new PauseWish(null)));
    }
    YamlMap map = value.map();
    map.allow("when", "at", "until");
    if (!map.has("when") && !map.has("at") && !map.has("until")) {
      throw map.mistake("true, or one of when, at and until is expected");
    }
    if (map.has("when") && map.has("at")) {
      throw map.mistake("at", "either when or at is expected, not both");
    }
    PauseWish how =
        new PauseWish(
            ActionWords.when(map),
            map.find("at").map(at -> ScenarioReader.instant(at, zone)).orElse(null),
            map.find("until").map(until -> ScenarioReader.instant(until, zone)).orElse(null));
    return new Action.Pause(how);
  }

  static Action cancel(YamlValue value, ZoneId zone) {
    if (!value.isMap()) {
      return ActionWords.yes(value, new Action.Cancel(new Cancellation(null, false)));
    }
    YamlMap map = value.map();
    map.allow("when", "at", "refund");
    if (map.has("when") && map.has("at")) {
      throw map.mistake("at", "either when or at is expected, not both");
    }
    Cancellation how =
        new Cancellation(
            ActionWords.when(map),
            map.find("at").map(at -> ScenarioReader.instant(at, zone)).orElse(null),
            map.find("refund").map(YamlValue::bool).orElse(false));
    return new Action.Cancel(how);
  }

  static Action estimate(YamlMap map) {
    map.allow("plan", "quantity", "cycle", "currency", "add-ons", "usage");
    Map<String, BigDecimal> units = new LinkedHashMap<>();
    YamlMap used = map.map("usage");
    used.keys().forEach(key -> units.put(key, ActionWords.notNegative(used.value(key))));
    return new Action.Estimated(
        map.value("plan").text(),
        ActionWords.quantity(map).orElse(1),
        ActionWords.cycle(map).orElse(null),
        map.find("currency").map(ScenarioReader::currency).orElse(null),
        ActionWords.addOns(map),
        units);
  }

  /** {@code true}, {@code plan}, {@code version}, {@code pause} or {@code {add-on: KEY}}. */
  static Action unschedule(YamlValue value) {
    if (value.isMap()) {
      YamlMap map = value.map();
      map.allow("add-on");
      String addOn = map.value("add-on").text();
      return new Action.Unschedule(new Action.Waiting.OfAddOn(addOn));
    }
    return new Action.Unschedule(
        switch (value.word()) {
          case "true" -> new Action.Waiting.All();
          case "plan" -> new Action.Waiting.OfPlan();
          case "version" -> new Action.Waiting.OfVersion();
          case "pause" -> new Action.Waiting.OfPause();
          default -> throw value.mistake("true, plan, version, pause or {add-on: KEY} is expected");
        });
  }

  /** {@code true}, or {@code {not-before}}. */
  static Action migrateAll(YamlValue value, ZoneId zone) {
    if (!value.isMap()) {
      return ActionWords.yes(value, new Action.MigrateAll(null));
    }
    YamlMap map = value.map();
    map.allow("not-before");
    Instant notBefore = ScenarioReader.instant(map.value("not-before"), zone);
    return new Action.MigrateAll(notBefore);
  }
}
