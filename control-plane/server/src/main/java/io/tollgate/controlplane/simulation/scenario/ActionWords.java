package io.tollgate.controlplane.simulation.scenario;

import io.tollgate.controlplane.catalog.Cycle;
import io.tollgate.controlplane.catalog.Policies.When;
import io.tollgate.controlplane.wallet.Asset;
import io.tollgate.controlplane.wallet.Deposit;
import io.tollgate.yaml.YamlMap;
import io.tollgate.yaml.YamlValue;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What several actions have in common. Stateless. */
final class ActionWords {
  static final int MOST_UNITS = 1_000_000;

  private ActionWords() {}

  static Action yes(YamlValue value, Action action) {
    if (!value.bool()) {
      throw value.mistake("true is expected");
    }
    return action;
  }

  static Optional<Integer> quantity(YamlMap map) {
    return map.find("quantity").map(value -> value.integer(1, MOST_UNITS));
  }

  static Optional<Cycle> cycle(YamlMap map) {
    return map.find("cycle")
        .map(
            value ->
                Cycle.parse(value.text())
                    .orElseThrow(() -> value.mistake(Cycle.ALLOWED + " is expected")));
  }

  static @Nullable When when(YamlMap map) {
    return map.find("when")
        .map(
            value -> {
              return switch (value.word()) {
                case "now" -> When.NOW;
                case "period-end" -> When.PERIOD_END;
                case String other ->
                    throw value.mistake("now or period-end is expected, not '" + other + "'");
              };
            })
        .orElse(null);
  }

  static Map<String, Integer> addOns(YamlMap map) {
    Map<String, Integer> addOns = new LinkedHashMap<>();
    YamlMap bought = map.map("add-ons");
    bought.keys().forEach(key -> addOns.put(key, bought.value(key).integer(1, MOST_UNITS)));
    return addOns;
  }

  static BigDecimal notNegative(YamlValue value) {
    BigDecimal number = value.decimal();
    if (number.signum() < 0) {
      throw value.mistake("a number of at least 0 is expected");
    }
    return number;
  }

  static BigDecimal positive(YamlValue value) {
    BigDecimal number = value.decimal();
    if (number.signum() <= 0) {
      throw value.mistake("a number above 0 is expected");
    }
    return number;
  }

  static Asset asset(YamlMap map) {
    if (map.has("meter") == map.has("currency")) {
      throw map.mistake("a meter or a currency is expected");
    }
    return map.has("meter")
        ? new Asset.Units(map.value("meter").text())
        : new Asset.Currency(ScenarioReader.currency(map.value("currency")));
  }

  static int priority(YamlMap map) {
    return map.find("priority").map(value -> value.integer(0, 1000)).orElse(Deposit.USUAL);
  }

  static @Nullable Instant expires(YamlMap map, ZoneId zone) {
    return map.find("expires").map(value -> ScenarioReader.instant(value, zone)).orElse(null);
  }
}
