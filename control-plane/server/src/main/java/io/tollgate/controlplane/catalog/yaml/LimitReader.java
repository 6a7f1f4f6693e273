package io.tollgate.controlplane.catalog.yaml;

import io.tollgate.contract.OverLimit;
import io.tollgate.contract.Scope;
import io.tollgate.controlplane.catalog.LimitSpec;
import io.tollgate.controlplane.catalog.LimitSpec.Window;
import io.tollgate.controlplane.catalog.Meter;
import io.tollgate.controlplane.catalog.yaml.CatalogYaml.Known;
import io.tollgate.yaml.YamlMap;
import io.tollgate.yaml.YamlValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Reads {@code limits} of a plan. */
final class LimitReader {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration DAY = Duration.ofDays(1);

  private final Known known;

  LimitReader(Known known) {
    this.known = known;
  }

  private enum Kind {
    RATE,
    QUOTA,
    CONCURRENCY
  }

  List<LimitSpec> limits(YamlMap map) {
    List<LimitSpec> limits = new ArrayList<>();
    for (String name : CatalogYaml.keys(map)) {
      YamlValue value = map.value(name);
      limits.add(value.isMap() ? limit(name, value.map()) : unlimited(name, value));
    }
    return limits;
  }

  private static LimitSpec unlimited(String name, YamlValue value) {
    if (!value.word().equals("unlimited")) {
      throw value.mistake("a mapping with kind: rate, quota or concurrency, or 'unlimited'");
    }
    return new LimitSpec.Unlimited(name);
  }

  private LimitSpec limit(String name, YamlMap map) {
    map.among(
        "kind", "meter", "amount", "per", "burst", "window", "permits", "ttl", "scope", "over",
        "shadow");
    if (!map.has("kind")) {
      throw map.mistake("say its kind: rate, quota or concurrency");
    }
    Kind kind = map.value("kind").oneOf(Kind.class);
    OverLimit standard = known.policies().over();
    OverLimit over =
        map.find("over").map(value -> PolicyReader.over(value, standard)).orElse(standard);
    boolean shadow = map.find("shadow").map(YamlValue::bool).orElse(known.policies().shadow());
    Scope scope = map.find("scope").map(this::scope).orElse(Scope.TENANT);
    LimitSpec limit =
        switch (kind) {
          case RATE -> rate(name, map, scope, over, shadow);
          case QUOTA -> quota(name, map, scope, over, shadow);
          case CONCURRENCY ->
              new LimitSpec.Concurrency(
                  name,
                  scope,
                  map.value("permits").whole(1, Integer.MAX_VALUE),
                  map.find("ttl")
                      .map(value -> value.duration(SECOND, DAY))
                      .orElse(Duration.ofMinutes(1)),
                  over,
                  shadow);
        };
    map.close();
    return limit;
  }

  private LimitSpec rate(String name, YamlMap map, Scope scope, OverLimit over, boolean shadow) {
    Meter meter = known.meter(map.value("meter"));
    long amount = map.value("amount").whole(1, Long.MAX_VALUE / 1_000_000);
    if (!map.has("per")) {
      throw map.mistake("a rate needs its window; add per: 1s to per: 1d, such as per: 1m");
    }
    Duration per = map.value("per").duration(SECOND, DAY);
    long burst =
        map.find("burst").map(value -> value.whole(1, Long.MAX_VALUE / 1_000_000)).orElse(amount);
    if (burst < meter.greatestCost()) {
      throw map.mistake(
          map.has("burst") ? "burst" : "amount",
          "a burst of "
              + burst
              + " never lets a call of "
              + meter.greatestCost()
              + " "
              + meter.unit()
              + "s pass; make it at least "
              + meter.greatestCost());
    }
    return new LimitSpec.Rate(name, meter.key(), scope, amount, per, burst, over, shadow);
  }

  private LimitSpec quota(String name, YamlMap map, Scope scope, OverLimit over, boolean shadow) {
    Meter meter = known.meter(map.value("meter"));
    long amount = map.value("amount").whole(0, Long.MAX_VALUE / 1_000_000);
    if (!map.has("window")) {
      throw map.mistake(
          "a quota needs its period; add window: hour, day, month, calendar-month, billing-period or"
              + " lifetime");
    }
    Window window = map.value("window").oneOf(Window.class);
    return new LimitSpec.Quota(name, meter.key(), scope, amount, window, over, shadow);
  }

  private Scope scope(YamlValue value) {
    String text = value.text();
    if (text.equals("tenant")) {
      return Scope.TENANT;
    }
    if (text.equals("key")) {
      return new Scope(Scope.Kind.KEY, "");
    }
    int colon = text.indexOf(':');
    String name = text.substring(colon + 1).strip();
    if (text.startsWith("route-group:") && !name.isEmpty()) {
      return new Scope(Scope.Kind.ROUTE_GROUP, name);
    }
    if (text.startsWith("feature:") && !name.isEmpty()) {
      if (!known.features().containsKey(name)) {
        throw value.mistake("there is no feature '" + name + "'; add it under features");
      }
      return new Scope(Scope.Kind.FEATURE, name);
    }
    throw value.mistake("tenant, key, 'route-group:NAME' or 'feature:NAME' is expected");
  }
}
