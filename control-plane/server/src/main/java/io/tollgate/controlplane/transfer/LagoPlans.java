package io.tollgate.controlplane.transfer;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.controlplane.web.Wire;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.joda.money.CurrencyUnit;
import org.joda.money.IllegalCurrencyException;

/** Lago's plans, as its API answers them, with their charges. */
final class LagoPlans {
  private static final Map<String, String> CYCLES =
      Map.of(
          "weekly", "weekly",
          "monthly", "monthly",
          "quarterly", "quarterly",
          "semiannual", "half-yearly",
          "yearly", "yearly");

  /** What a plan says that is read here, or changes nothing of what is billed. */
  private static final Set<String> OF_A_PLAN =
      Set.of(
          "active_subscriptions_count",
          "amount_cents",
          "amount_currency",
          "applicable_usage_thresholds",
          "bill_charges_monthly",
          "charges",
          "charges_count",
          "code",
          "created_at",
          "customers_count",
          "deleted_at",
          "description",
          "draft_invoices_count",
          "has_active_subscriptions",
          "has_charges",
          "has_customers",
          "has_draft_invoices",
          "has_subscriptions",
          "interval",
          "invoice_display_name",
          "lago_id",
          "metadata",
          "minimum_commitment",
          "name",
          "parent_id",
          "pay_in_advance",
          "pending_deletion",
          "slug",
          "subscriptions_count",
          "trial_period",
          "updated_at");

  /** What a charge says that is read here, or changes nothing of what is billed. */
  private static final Set<String> OF_A_CHARGE =
      Set.of(
          "billable_metric",
          "billable_metric_code",
          "charge_model",
          "code",
          "created_at",
          "invoice_display_name",
          "invoiceable",
          "lago_billable_metric_id",
          "lago_id",
          "lago_parent_id",
          "min_amount_cents",
          "parent_id",
          "pay_in_advance",
          "properties",
          "regroup_paid_fees",
          "updated_at");

  private final List<JsonNode> plans = new ArrayList<>();
  private final CatalogText text = new CatalogText();

  /**
   * Reads {@code {"plans": [...]}}, {@code {"plan": ...}} or an array of plans.
   *
   * @throws IllegalArgumentException if it is none of them
   */
  LagoPlans(String json) {
    JsonNode root = Wire.tree(json);
    if (root.has("plan")) {
      plans.add(root.path("plan"));
    } else {
      (root.isArray() ? root : root.path("plans")).forEach(plans::add);
    }
    if (plans.isEmpty()) {
      throw new IllegalArgumentException("Lago's {\"plans\": [...]} is expected");
    }
  }

  CatalogText convert(String name) {
    String called = name.isEmpty() ? "lago" : name;
    text.map().put("catalog", CatalogText.key(called));
    text.map().put("title", called);
    text.map("meters");
    for (JsonNode plan : plans) {
      plan(plan);
    }
    if (text.map("meters").isEmpty()) {
      text.map().remove("meters");
    }
    return text;
  }

  private void plan(JsonNode plan) {
    String code = plan.path("code").asText();
    String where = "plan " + code;
    String cycle = CYCLES.get(plan.path("interval").asText());
    if (cycle == null) {
      text.note(where, "there is no interval " + plan.path("interval") + "; it is left out");
      return;
    }
    if (text.map("plans").containsKey(CatalogText.key(code))) {
      text.note(where, "its code is another's but for case and signs; it is left out");
      return;
    }
    Map<String, Object> into = text.map("plans", CatalogText.key(code));
    into.put("title", plan.path("name").asText(code));
    if (!plan.path("description").asText("").isEmpty()) {
      into.put("description", plan.path("description").asText());
    }
    String currency = plan.path("amount_currency").asText("USD");
    KillBillCatalog.nested(into, "prices", currency)
        .put(cycle, amount(plan.path("amount_cents"), currency, where));
    BigDecimal trial = decimal(plan.path("trial_period"));
    if (trial.signum() > 0) {
      BigDecimal days = trial.setScale(0, RoundingMode.CEILING);
      into.put("trial-days", days);
      if (days.compareTo(trial) > 0) {
        text.note(where, "its trial of " + trial.toPlainString() + " days becomes " + days);
      }
      text.note(
          where,
          "its trial takes days off the first period there; here the first period begins after it");
    }
    if (!plan.path("pay_in_advance").asBoolean(true)) {
      into.put("billed", "in-arrears");
    }
    BigDecimal minimum =
        amount(plan.path("minimum_commitment").path("amount_cents"), currency, where);
    if (minimum.signum() > 0) {
      into.put("minimum", Map.of(currency, minimum));
    }
    if (plan.path("pending_deletion").asBoolean(false) || plan.hasNonNull("deleted_at")) {
      into.put("archived", true);
      text.note(where, "it is being deleted there; here it is archived");
    }
    if (plan.path("bill_charges_monthly").asBoolean(false) && !cycle.equals("monthly")) {
      text.note(
          where,
          "its usage was billed each month; here it is with its period, "
              + cycle
              + ", included units and tiers of a period too");
    }
    nameTheRest(plan, OF_A_PLAN, where);
    for (JsonNode charge : plan.path("charges")) {
      charge(into, charge, currency, where);
    }
  }

  /** Whatever else is said there, which would be billed or granted otherwise here. */
  private void nameTheRest(JsonNode of, Set<String> known, String where) {
    for (Map.Entry<String, JsonNode> field : of.properties()) {
      JsonNode value = field.getValue();
      boolean empty =
          value.isContainerNode() ? value.isEmpty() : !value.asBoolean(value.isTextual());
      if (!empty && !known.contains(field.getKey())) {
        text.note(where, "its " + field.getKey() + " are not carried over");
      }
    }
  }

  private void charge(Map<String, Object> plan, JsonNode charge, String currency, String of) {
    String metric = charge.path("billable_metric_code").asText();
    String where = of + ", charge " + metric;
    String model = charge.path("charge_model").asText();
    Map<String, Object> price = model(model, charge.path("properties"), where);
    if (price.isEmpty()) {
      text.note(where, "there is no price model like '" + model + "'");
      return;
    }
    String meter = CatalogText.key(metric);
    text.map("meters", meter).putIfAbsent("title", metric);
    if (price.containsKey("per")) {
      text.map("meters", meter).put("transactions", true);
    }
    Map<String, Object> into = KillBillCatalog.nested(plan, "charges", meter);
    if (into.containsKey("meter")) {
      text.note(where, "a second charge of one metric is left out");
      return;
    }
    into.put("meter", meter);
    BigDecimal minimum = amount(charge.path("min_amount_cents"), currency, where);
    if (minimum.signum() > 0) {
      price.put("minimum", minimum);
    }
    KillBillCatalog.nested(into, "prices", currency).putAll(price);
    if (charge.path("pay_in_advance").asBoolean(false)) {
      text.note(where, "it was charged as it was used; usage is billed at the period's end here");
    }
    if (!charge.path("invoiceable").asBoolean(true)) {
      text.note(where, "it was on no invoice there; here it is billed");
    }
    nameTheRest(charge, OF_A_CHARGE, where);
  }

  private Map<String, Object> model(String model, JsonNode properties, String where) {
    Map<String, Object> price = new LinkedHashMap<>();
    switch (model) {
      case "standard" -> {
        price.put("model", "per-unit");
        price.put("unit-price", decimal(properties.path("amount")));
        if (!properties.path("grouped_by").isEmpty()) {
          text.note(where, "its grouping is not carried over; the units are summed up");
        }
      }
      case "package" -> {
        price.put("model", "package");
        price.put("size", decimal(properties.path("package_size")));
        price.put("price", decimal(properties.path("amount")));
        price.put("free", decimal(properties.path("free_units")));
      }
      case "graduated" -> ranges(price, "graduated", properties.path("graduated_ranges"));
      case "volume" -> ranges(price, "volume", properties.path("volume_ranges"));
      case "graduated_percentage" ->
          ranges(price, "graduated-percentage", properties.path("graduated_percentage_ranges"));
      case "percentage" -> percentage(price, properties);
      default -> price.clear();
    }
    return price;
  }

  private static void ranges(Map<String, Object> price, String model, JsonNode ranges) {
    boolean percent = model.equals("graduated-percentage");
    List<Object> tiers = new ArrayList<>();
    for (JsonNode range : ranges) {
      Map<String, Object> tier = new LinkedHashMap<>();
      if (range.hasNonNull("to_value")) {
        tier.put("up-to", decimal(range.path("to_value")));
      }
      tier.put(
          percent ? "percent" : "unit-price",
          decimal(range.path(percent ? "rate" : "per_unit_amount")));
      BigDecimal flat = decimal(range.path("flat_amount"));
      if (flat.signum() > 0) {
        tier.put("flat", flat);
      }
      tiers.add(tier);
    }
    price.put("model", model);
    price.put("tiers", tiers);
  }

  private static void percentage(Map<String, Object> price, JsonNode properties) {
    price.put("model", "percentage");
    price.put("percent", decimal(properties.path("rate")));
    put(price, "fixed", properties.path("fixed_amount"));
    put(price, "least", properties.path("per_transaction_min_amount"));
    put(price, "most", properties.path("per_transaction_max_amount"));
    put(price, "free-transactions", properties.path("free_units_per_events"));
    if (price.size() > 2) {
      price.put("per", "transaction");
      put(price, "free-amount", properties.path("free_units_per_total_aggregation"));
    } else {
      put(price, "included", properties.path("free_units_per_total_aggregation"));
    }
  }

  private static void put(Map<String, Object> price, String key, JsonNode value) {
    if (decimal(value).signum() > 0) {
      price.put(key, decimal(value));
    }
  }

  private BigDecimal amount(JsonNode minor, String currency, String where) {
    int places = 2;
    try {
      places = CurrencyUnit.of(currency).getDecimalPlaces();
    } catch (IllegalCurrencyException e) {
      text.note(where, "the currency " + currency + " is unknown");
    }
    BigDecimal amount = decimal(minor).movePointLeft(places);
    return amount.signum() == 0 ? BigDecimal.ZERO : amount;
  }

  private static BigDecimal decimal(JsonNode node) {
    String value = node.asText("0");
    return value.isEmpty() || value.equals("null") ? BigDecimal.ZERO : new BigDecimal(value);
  }
}
