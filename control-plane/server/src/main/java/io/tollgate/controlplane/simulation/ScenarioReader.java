package io.tollgate.controlplane.simulation;

import io.tollgate.controlplane.catalog.Cycle;
import io.tollgate.controlplane.catalog.Policies.When;
import io.tollgate.controlplane.money.Amounts;
import io.tollgate.controlplane.simulation.Scenario.Buyer;
import io.tollgate.controlplane.simulation.Scenario.Expected;
import io.tollgate.controlplane.simulation.Scenario.Step;
import io.tollgate.yaml.YamlException;
import io.tollgate.yaml.YamlFile;
import io.tollgate.yaml.YamlMap;
import io.tollgate.yaml.YamlValue;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.joda.money.CurrencyUnit;
import org.jspecify.annotations.Nullable;

/**
 * Reads scenario files; {@code examples/catalogs/scenarios/README.md} describes the format. A
 * mistake names file, line, key and what is allowed. One reader reads one file.
 */
public final class ScenarioReader {
  private static final int MOST_UNITS = 1_000_000;

  private final Map<String, Buyer> tenants = new LinkedHashMap<>();

  private ScenarioReader() {}

  /**
   * Reads a file.
   *
   * @throws YamlException if it cannot be read or says what cannot be
   */
  public static Scenario read(Path file) {
    return new ScenarioReader().scenario(file);
  }

  private Scenario scenario(Path file) {
    YamlMap root = YamlFile.read(file);
    String name = root.value("scenario").text();
    YamlValue catalog = root.value("catalog");
    String text = catalog.text();
    boolean inline = text.indexOf('\n') >= 0;
    Path catalogFile = file.resolveSibling(inline ? file.getFileName().toString() : text);
    YamlMap buyers = root.map("tenants");
    for (String id : buyers.keys()) {
      tenants.put(id, buyer(id, buyers.map(id)));
    }
    if (tenants.isEmpty()) {
      throw root.mistake("tenants", "at least one is expected");
    }
    List<Step> steps = new ArrayList<>();
    for (YamlValue value : root.list("timeline")) {
      Step step = step(value.map());
      if (!steps.isEmpty() && step.at().isBefore(steps.getLast().at())) {
        throw value.mistake("comes before the step above it; steps go forward in time");
      }
      steps.add(step);
    }
    if (steps.isEmpty()) {
      throw root.mistake("timeline", "at least one step is expected");
    }
    Instant until =
        root.find("until")
            .map(value -> instant(value, first().zone()))
            .orElse(steps.getLast().at());
    List<Expected> expected = new ArrayList<>();
    YamlMap expects = root.map("expect");
    for (String tenant : expects.keys()) {
      if (!tenants.containsKey(tenant)) {
        throw expects.mistake(tenant, "is none of the tenants " + tenants.keySet());
      }
      expected.addAll(expected(tenant, "", expects.map(tenant)));
    }
    root.close();
    return new Scenario(
        name,
        file.toString(),
        catalogFile.toString(),
        inline ? text : text(catalogFile, catalog),
        List.copyOf(tenants.values()),
        steps,
        until,
        expected);
  }

  private Buyer first() {
    return tenants.values().iterator().next();
  }

  private static String text(Path file, YamlValue where) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw where.mistake("the catalog cannot be read: " + e);
    }
  }

  private static Buyer buyer(String id, YamlMap map) {
    Buyer buyer =
        new Buyer(
            id,
            map.find("zone").map(YamlValue::zone).orElse(ZoneId.of("UTC")),
            currency(map.value("currency")),
            map.find("country").map(YamlValue::text).orElse(""),
            map.find("region").map(YamlValue::text).orElse(""));
    map.close();
    return buyer;
  }

  private static CurrencyUnit currency(YamlValue value) {
    try {
      return Amounts.currency(value.text());
    } catch (IllegalArgumentException e) {
      throw value.mistake(String.valueOf(e.getMessage()));
    }
  }

  private Step step(YamlMap map) {
    String tenant = map.find("tenant").map(YamlValue::text).orElse(first().id());
    Buyer buyer = tenants.get(tenant);
    if (buyer == null) {
      throw map.mistake("tenant", "'" + tenant + "' is none of the tenants " + tenants.keySet());
    }
    Instant at = instant(map.value("at"), buyer.zone());
    Action action = action(map, buyer);
    Integer refused = map.find("refused").map(value -> value.integer(400, 499)).orElse(null);
    List<Expected> expected =
        map.has("expect") ? expected(tenant, "", map.map("expect")) : List.of();
    map.close();
    return new Step(
        at, tenant, action, refused, expected, problem -> map.mistake(problem).getMessage() + "");
  }

  private static Action action(YamlMap map, Buyer buyer) {
    List<Action> actions = new ArrayList<>();
    map.find("subscribe").ifPresent(value -> actions.add(subscribe(value)));
    map.find("change").ifPresent(value -> actions.add(change(value)));
    map.find("add-on").ifPresent(value -> actions.add(addOn(value)));
    map.find("pause").ifPresent(value -> actions.add(pause(value, buyer)));
    map.find("resume").ifPresent(value -> actions.add(yes(value, new Action.Resume())));
    map.find("cancel").ifPresent(value -> actions.add(cancel(value)));
    map.find("undo-cancel").ifPresent(value -> actions.add(yes(value, new Action.UndoCancel())));
    map.find("reactivate").ifPresent(value -> actions.add(yes(value, new Action.Reactivate())));
    map.find("usage").ifPresent(value -> actions.add(use(value.map())));
    map.find("charge").ifPresent(value -> actions.add(charge(value.map())));
    map.find("pay").ifPresent(value -> actions.add(pay(value)));
    map.find("credit").ifPresent(value -> actions.add(credit(value.map())));
    if (actions.size() > 1) {
      throw map.mistake("one thing happens at a step; write a step for each");
    }
    if (actions.isEmpty() && !map.has("expect")) {
      throw map.mistake(
          "subscribe, change, add-on, pause, resume, cancel, undo-cancel, reactivate, usage,"
              + " charge, pay, credit or expect is expected");
    }
    return actions.isEmpty() ? new Action.Look() : actions.getFirst();
  }

  private static Action yes(YamlValue value, Action action) {
    if (!value.bool()) {
      throw value.mistake("true is expected");
    }
    return action;
  }

  private static Action subscribe(YamlValue value) {
    if (!value.isMap()) {
      return new Action.Subscribe(value.text(), 1, null, null, null, null, Map.of(), List.of());
    }
    YamlMap map = value.map();
    Map<String, Integer> addOns = new LinkedHashMap<>();
    YamlMap bought = map.map("add-ons");
    bought.keys().forEach(key -> addOns.put(key, bought.value(key).integer(1, MOST_UNITS)));
    Action action =
        new Action.Subscribe(
            map.value("plan").text(),
            quantity(map).orElse(1),
            cycle(map).orElse(null),
            map.find("currency").map(ScenarioReader::currency).orElse(null),
            map.find("trial-days").map(v -> v.integer(0, 366)).orElse(null),
            map.find("price").map(YamlValue::decimal).orElse(null),
            addOns,
            map.list("coupons").stream().map(YamlValue::text).toList());
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

  private static Action addOn(YamlValue value) {
    YamlMap map = value.map();
    Action action =
        new Action.AddOn(
            map.value("key").text(), map.value("quantity").integer(0, MOST_UNITS), when(map));
    map.close();
    return action;
  }

  private static Action pause(YamlValue value, Buyer buyer) {
    return value.isMap()
        ? new Action.Pause(until(value.map(), buyer))
        : yes(value, new Action.Pause(null));
  }

  private static Instant until(YamlMap map, Buyer buyer) {
    Instant until = instant(map.value("until"), buyer.zone());
    map.close();
    return until;
  }

  private static Action cancel(YamlValue value) {
    if (!value.isMap()) {
      return yes(value, new Action.Cancel(null, false));
    }
    YamlMap map = value.map();
    Action action =
        new Action.Cancel(when(map), map.find("refund").map(YamlValue::bool).orElse(false));
    map.close();
    return action;
  }

  private static Action use(YamlMap map) {
    Map<String, Long> units = new LinkedHashMap<>();
    map.keys().forEach(key -> units.put(key, map.value(key).whole(-(1L << 48), 1L << 48)));
    return new Action.Use(units);
  }

  private static Action charge(YamlMap map) {
    Action action =
        new Action.Charge(
            map.value("description").text(),
            map.find("quantity").map(YamlValue::decimal).orElse(BigDecimal.ONE),
            map.value("unit-price").decimal());
    map.close();
    return action;
  }

  private static Action pay(YamlValue value) {
    return new Action.Pay(value.word().equals("all") ? null : value.decimal());
  }

  private static Action credit(YamlMap map) {
    Action action =
        new Action.Credit(
            map.value("amount").decimal(),
            map.find("reason").map(YamlValue::text).orElse("scenario"));
    map.close();
    return action;
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
    return map.find("when").map(value -> value.oneOf(When.class)).orElse(null);
  }

  /** Every scalar below the mapping is an expectation; lists are numbered from 0. */
  private static List<Expected> expected(String tenant, String path, YamlMap map) {
    List<Expected> expected = new ArrayList<>();
    for (String key : map.keys()) {
      expected.addAll(expected(tenant, path + key, map.value(key)));
    }
    return expected;
  }

  private static List<Expected> expected(String tenant, String path, YamlValue value) {
    if (value.isMap()) {
      return expected(tenant, path + ".", value.map());
    }
    if (!value.isList()) {
      return List.of(
          new Expected(
              tenant, path, value.word(), problem -> value.mistake(problem).getMessage() + ""));
    }
    List<Expected> expected = new ArrayList<>();
    List<YamlValue> items = value.list();
    for (int i = 0; i < items.size(); i++) {
      expected.addAll(expected(tenant, path + "." + i, items.get(i)));
    }
    expected.add(
        new Expected(
            tenant,
            path + ".size",
            String.valueOf(items.size()),
            problem -> value.mistake(problem).getMessage() + ""));
    return expected;
  }

  /** With an offset, or as local time or date in the zone. */
  private static Instant instant(YamlValue value, ZoneId zone) {
    String text = value.word();
    try {
      if (text.length() == 10) {
        return LocalDate.parse(text).atStartOfDay(zone).toInstant();
      }
      boolean offset = text.endsWith("Z") || text.lastIndexOf('+') > 0 || text.lastIndexOf('-') > 9;
      return offset
          ? OffsetDateTime.parse(text).toInstant()
          : LocalDateTime.parse(text).atZone(zone).toInstant();
    } catch (DateTimeException e) {
      throw value.mistake(
          "a date such as 2026-01-31, a local time such as 2026-01-31T10:00 or an instant such as"
              + " 2026-01-31T10:00:00+05:30 is expected, not '"
              + text
              + "'");
    }
  }
}
