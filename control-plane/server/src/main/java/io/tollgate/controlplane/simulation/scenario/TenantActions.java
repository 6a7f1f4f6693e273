package io.tollgate.controlplane.simulation.scenario;

import io.tollgate.controlplane.entitlement.EntitlementOverride;
import io.tollgate.yaml.YamlMap;
import java.time.ZoneId;

/** Reads what happens to tenants. Stateless. */
final class TenantActions {
  private TenantActions() {}

  /** What is not named stays. */
  static Action update(YamlMap map) {
    return new Action.UpdateTenant(BuyerFields.changed(map));
  }

  /** {@code {feature, value, expires}} or {@code {limit, amount, expires}}. */
  static Action override(YamlMap map, ZoneId zone) {
    map.among("feature", "value", "limit", "amount", "expires");
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
    Action action = new Action.SetEntitlement(value, ActionWords.expires(map, zone));
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

  /** {@code {feature}} or {@code {limit}}. */
  static Action endOverride(YamlMap map) {
    map.among("feature", "limit");
    if (map.has("feature") == map.has("limit")) {
      throw map.mistake("a feature or a limit is expected");
    }
    Action action =
        new Action.EndEntitlement(map.value(map.has("feature") ? "feature" : "limit").text());
    map.close();
    return action;
  }
}
