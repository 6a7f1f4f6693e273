package io.tollgate.controlplane.invoice.composition;

import static java.util.stream.Collectors.toSet;

import io.tollgate.contract.Period;
import io.tollgate.contract.Recurrence;
import io.tollgate.controlplane.catalog.AddOn;
import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.catalog.Cycle;
import io.tollgate.controlplane.catalog.Plan;
import io.tollgate.controlplane.invoice.Customer;
import io.tollgate.controlplane.invoice.InvoiceDetails;
import io.tollgate.controlplane.invoice.Party;
import io.tollgate.controlplane.rating.Fees;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.SubscriptionItem;
import io.tollgate.controlplane.subscription.SubscriptionState;
import io.tollgate.controlplane.tax.TaxProfile;
import io.tollgate.controlplane.web.Problem;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.joda.money.CurrencyUnit;
import org.jspecify.annotations.Nullable;

/**
 * What one period of a plan would cost someone (document 004's {@code GET /pricing/estimate}): the
 * invoice of a whole period's fees and an assumed usage. Pure.
 *
 * @param catalog what is sold
 * @param plan the plan
 * @param currency of the prices
 * @param cycle of the period
 * @param quantity units of the plan, at least 1
 * @param addOns quantities of add-ons, by key
 * @param units assumed usage of the period, per meter
 */
public record Estimate(
    Catalog catalog,
    Plan plan,
    CurrencyUnit currency,
    Cycle cycle,
    int quantity,
    Map<String, Integer> addOns,
    Map<String, BigDecimal> units) {
  private static final String NOBODY = "estimate";

  /**
   * This, where all of it is sold so at a list price.
   *
   * @throws Problem 422 that names the field: {@code currency}, {@code cycle}, {@code plan}, {@code
   *     addOns} or {@code usage}
   */
  public Estimate sold() {
    if (plan.sold(currency, cycle).isCustom()) {
      throw Problem.invalid("plan", "'" + plan.key() + "' has no list price");
    }
    Set<String> sold = catalog.addOnsOf(plan.key()).stream().map(AddOn::key).collect(toSet());
    for (String key : addOns.keySet()) {
      if (!sold.contains(key)) {
        throw Problem.invalid("addOns", "'" + key + "' is not sold with '" + plan.key() + "'");
      }
    }
    Set<String> meters = plan.charges().stream().map(charge -> charge.meter()).collect(toSet());
    for (String meter : units.keySet()) {
      if (!meters.contains(meter)) {
        throw Problem.invalid("usage", "units of " + meters + " are expected, not of " + meter);
      }
    }
    return this;
  }

  /**
   * The invoice; null where the plan costs nothing at all.
   *
   * @param buyer decides the tax
   * @param at when the period begins
   */
  public @Nullable InvoiceDetails invoice(Composition composition, TaxProfile buyer, Instant at) {
    Recurrence rule = new Recurrence(at, cycle.unit(), cycle.count(), ZoneOffset.UTC);
    Period period = rule.period(0);
    Fees fees = new Fees(catalog, subscription(rule, period));
    List<Bill> bills = new ArrayList<>();
    bills.add(new Bill.Advance(fees, period, false));
    bills.add(
        new Bill.Afterwards(
            fees.subscription().items().stream()
                .filter(fees::isInArrears)
                .map(item -> new Bill.Afterwards.Due(fees, item))
                .toList(),
            period,
            null));
    bills.add(new Bill.Arrears(fees, period, units));
    addOns.forEach(
        (key, count) -> {
          if (catalog.addOn(key).orElseThrow().isOneOff()) {
            bills.add(new Bill.Once(fees.oneOff(key, count, key, period)));
          }
        });
    Customer customer =
        new Customer(
            NOBODY, new Party("", List.of(), List.of()), buyer, Locale.ENGLISH, ZoneOffset.UTC);
    return composition.compose(
        new Issue(NOBODY, customer, catalog, at), bills, Reduction.Rule.NONE);
  }

  private Subscription subscription(Recurrence rule, Period period) {
    List<SubscriptionItem> items = new ArrayList<>();
    items.add(item(SubscriptionItem.Kind.PLAN, plan.key(), quantity, period));
    addOns.forEach(
        (key, count) -> items.add(item(SubscriptionItem.Kind.ADD_ON, key, count, period)));
    return new Subscription(
        NOBODY,
        NOBODY,
        catalog.name(),
        1,
        plan.product(),
        currency,
        cycle,
        rule,
        period,
        new SubscriptionState.Active(),
        null,
        items,
        List.of(),
        1);
  }

  private static SubscriptionItem item(
      SubscriptionItem.Kind kind, String key, int quantity, Period period) {
    return new SubscriptionItem(key, kind, key, quantity, period.start(), null, null);
  }
}
