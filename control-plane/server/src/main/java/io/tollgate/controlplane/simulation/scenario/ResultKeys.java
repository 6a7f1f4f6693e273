package io.tollgate.controlplane.simulation.scenario;

import io.tollgate.yaml.YamlException;
import io.tollgate.yaml.YamlMap;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Which keys a tenant's result can have, so that an expectation of any other is a mistake. */
sealed interface ResultKeys {
  /** A value. */
  record Value() implements ResultKeys {}

  /** Rows whose keys are those of a table. */
  record Free() implements ResultKeys {}

  /** A list, numbered from 0; {@code size} is how many there are. */
  record Numbered(ResultKeys element) implements ResultKeys {}

  /** A mapping by what the catalog names. */
  record Each(ResultKeys value) implements ResultKeys {}

  /** A mapping by currency. */
  record ByCurrency(ResultKeys value) implements ResultKeys {}

  /** A mapping with these keys. */
  record Named(Map<String, ResultKeys> keys) implements ResultKeys {
    public Named {
      keys = Map.copyOf(keys);
    }

    /** With a key more. */
    Named and(String key, ResultKeys below) {
      Map<String, ResultKeys> all = new HashMap<>(keys);
      all.put(key, below);
      return new Named(all);
    }
  }

  /** What a tenant's result can have. */
  static ResultKeys ofTenant() {
    Named invoice =
        values("number", "status", "issued", "due-on", "start", "end", "currency", "subtotal")
            .and("tax", new Value())
            .and("total", new Value())
            .and("paid", new Value())
            .and("credited", new Value())
            .and("paid-by-wallet", new Value())
            .and("due", new Value())
            .and(
                "lines",
                new Numbered(
                    values("kind", "item", "description", "detail", "quantity", "unit-price")
                        .and("start", new Value())
                        .and("end", new Value())
                        .and("amount", new Value())
                        .and("tax", new Value())
                        .and("taxes", numbered("name", "percent", "amount"))))
            .and("notes", new Numbered(new Value()));
    Named subscription =
        values("state", "plan", "quantity", "version", "cycle", "start", "end", "cancel-at")
            .and("scheduled", new Value())
            .and("add-ons", new Each(new Value()))
            .and(
                "waiting",
                numbered("at", "plan", "quantity", "cycle", "add-on", "version", "pause", "until"))
            .and("periods", numbered("start", "end"))
            .and("history", numbered("at", "command", "state"));
    Named wallet =
        values("balance", "drawn", "alerts")
            .and("credits", numbered("source", "amount", "remaining", "priority", "expires", "at"))
            .and("ledger", numbered("at", "kind", "amount", "debited", "credited"));
    return values("standing", "balance", "invoiced", "due")
        .and("subscription", subscription)
        .and("subscriptions", new Numbered(subscription))
        .and("invoices", new Numbered(invoice))
        .and("credit-notes", new Numbered(invoice))
        .and("last", invoice)
        .and("last-credit-note", invoice)
        .and("preview", new Numbered(invoice))
        .and("currencies", new ByCurrency(values("invoiced", "due", "balance")))
        .and("payments", numbered("at", "invoice", "kind", "state", "amount", "provider", "code"))
        .and("deliveries", numbered("invoice", "channel", "recipient", "outcome", "detail"))
        .and("wallets", new Each(wallet))
        .and("features", new Each(new Value()))
        .and("limits", new Each(new Value()))
        .and("rerating", rerating())
        .and(
            "applied",
            values("name", "version", "changed")
                .and("differences", numbered("path", "before", "after")))
        .and("reconciliation", reconciliation())
        .and("export", values().and("rows", new Numbered(new Free())))
        .and("import", values("table", "rows", "imported"))
        .and("document", values("format", "text"));
  }

  private static Named rerating() {
    Named tenant =
        values("tenant", "before", "after", "difference")
            .and("invoices", numbered("number", "issued", "before", "after"));
    return values("invoices", "tenants")
        .and(
            "currencies",
            new ByCurrency(
                values("invoices", "before", "after", "difference", "dearer", "cheaper", "same")
                    .and("most-changed", new Numbered(tenant))))
        .and("unbillable", numbered("problem", "invoices"));
  }

  private static Named reconciliation() {
    return values("tenant", "reconciled")
        .and(
            "meters",
            numbered("meter", "metered", "rated", "billed", "free", "unbilled", "difference"))
        .and("lines", new Numbered(new Free()))
        .and("invoices", new Numbered(new Free()));
  }

  private static Named values(String... keys) {
    Map<String, ResultKeys> values = new HashMap<>();
    Arrays.stream(keys).forEach(key -> values.put(key, new Value()));
    return new Named(values);
  }

  private static Numbered numbered(String... keys) {
    return new Numbered(values(keys));
  }

  /**
   * What is below a key of a mapping, or below several, joined by dots.
   *
   * @throws YamlException if there can be no such key
   */
  default ResultKeys below(YamlMap map, String key) {
    ResultKeys reached = this;
    for (String part : key.split("\\.", -1)) {
      ResultKeys next = reached.child(part);
      if (next == null) {
        throw reached.unknown(map, key);
      }
      reached = next;
    }
    return reached;
  }

  /** What is below a key or a position; null where there can be nothing. */
  default @Nullable ResultKeys child(String key) {
    return switch (this) {
      case Value value -> null;
      case Free rows -> rows;
      case Each each -> each.value();
      case ByCurrency each -> key.matches("[A-Z]{3}") ? each.value() : null;
      case Named named -> named.keys().get(key);
      case Numbered list ->
          key.equals("size") ? new Value() : key.matches("[0-9]{1,9}") ? list.element() : null;
    };
  }

  private YamlException unknown(YamlMap map, String key) {
    return switch (this) {
      case Named named -> map.unknown(key, new TreeSet<>(named.keys().keySet()));
      case Numbered list -> map.mistake(key, "a position from 0, or size, is expected");
      case Value value -> map.mistake(key, "nothing is below this value");
      case Free rows -> map.mistake(key, "no row has it");
      case Each each -> map.mistake(key, "none has it");
      case ByCurrency each ->
          map.mistake(key, "'" + key + "' is no currency; an ISO 4217 code such as INR or USD");
    };
  }
}
