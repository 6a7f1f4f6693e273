package io.tollgate.controlplane.invoice;

import io.tollgate.contract.Period;
import io.tollgate.contract.Recurrence;
import io.tollgate.controlplane.catalog.AddOn;
import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.catalog.Charge;
import io.tollgate.controlplane.catalog.Cycle;
import io.tollgate.controlplane.catalog.Meter;
import io.tollgate.controlplane.catalog.Plan;
import io.tollgate.controlplane.catalog.Policies;
import io.tollgate.controlplane.catalog.Price;
import io.tollgate.controlplane.catalog.PriceModel;
import io.tollgate.controlplane.catalog.Product;
import io.tollgate.controlplane.catalog.Seller;
import io.tollgate.controlplane.catalog.TaxRates;
import io.tollgate.controlplane.rating.Fees;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.SubscriptionItem;
import io.tollgate.controlplane.subscription.SubscriptionState;
import io.tollgate.controlplane.tax.TaxProfile;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.joda.money.CurrencyUnit;
import org.jspecify.annotations.Nullable;

/** A small catalog in document 002's world, a subscriber and a customer in Mumbai. */
public final class Gaudaan {
  public static final CurrencyUnit INR = CurrencyUnit.of("INR");
  public static final ZoneId ZONE = ZoneId.of("Asia/Kolkata");
  public static final Instant MARCH = Instant.parse("2025-02-28T18:30:00Z");

  private Gaudaan() {}

  public static Catalog catalog(boolean inclusive) {
    return new Catalog(
        "gaudaan",
        "Gaudaan",
        new Seller(
            "Gaudaan Technologies Pvt Ltd", List.of(), "IN", "MH", "", Map.of("PAN", "AAACG1")),
        Map.of("platform", new Product("platform", "Platform")),
        Map.of("calls", new Meter("calls", "API calls", "call", 1)),
        Map.of(),
        Map.of("starter", plan("starter", 1, "999"), "premium", plan("premium", 2, "9999")),
        Map.of(
            "seat",
            new AddOn(
                "seat",
                "Extra seat",
                "",
                "seat",
                Set.of("starter", "premium"),
                100,
                List.of(new Price(INR, Cycle.MONTHLY, new BigDecimal("299"))),
                Map.of(),
                List.of(),
                "standard",
                false)),
        Map.of(),
        new TaxRates(
            inclusive,
            Map.of("standard", new TaxRates.Category("standard", "998314")),
            List.of(
                new TaxRates.Rate(
                    "GST", "IN", "", "", new BigDecimal("18"), TaxRates.Split.INDIA_GST))),
        Policies.DEFAULT);
  }

  public static Catalog withDraftHours(Catalog c, int hours) {
    Policies p = c.policies();
    Policies policies =
        new Policies(
            p.alignment(),
            p.proration(),
            p.netted(),
            p.changes(),
            p.cancellation(),
            p.dunning(),
            p.over(),
            hours,
            p.shadow());
    return new Catalog(
        c.name(),
        c.title(),
        c.seller(),
        c.products(),
        c.meters(),
        c.features(),
        c.plans(),
        c.addOns(),
        c.coupons(),
        c.taxes(),
        policies);
  }

  private static Plan plan(String key, int rank, String price) {
    PriceModel tiers =
        new PriceModel.Graduated(
            List.of(
                new PriceModel.Tier(new BigDecimal("1000"), new BigDecimal("0.1"), BigDecimal.ZERO),
                new PriceModel.Tier(null, new BigDecimal("0.075"), BigDecimal.ZERO)));
    return new Plan(
        key,
        "platform",
        key + " plan",
        "Unlimited donors, all modules, SLA support",
        rank,
        false,
        0,
        List.of(new Price(INR, Cycle.MONTHLY, new BigDecimal(price))),
        Map.of(),
        Map.of(),
        List.of(),
        List.of(new Charge("api", "API calls", "calls", Map.of(INR, tiers), "standard")),
        "standard");
  }

  public static Recurrence recurrence() {
    return new Recurrence(MARCH, Recurrence.Unit.MONTH, 1, ZONE);
  }

  public static Subscription subscription(List<SubscriptionItem> items) {
    return new Subscription(
        "sub_1",
        "dharma",
        "gaudaan",
        1,
        "platform",
        INR,
        Cycle.MONTHLY,
        recurrence(),
        recurrence().period(0),
        new SubscriptionState.Active(),
        null,
        items,
        List.of(),
        1);
  }

  public static SubscriptionItem plan(
      String id, String key, Instant from, @Nullable Instant until) {
    return new SubscriptionItem(id, SubscriptionItem.Kind.PLAN, key, 1, from, until, null);
  }

  public static SubscriptionItem seats(int quantity) {
    return new SubscriptionItem(
        "itm_seat", SubscriptionItem.Kind.ADD_ON, "seat", quantity, MARCH, null, null);
  }

  public static Fees fees(boolean inclusive, SubscriptionItem... items) {
    return new Fees(catalog(inclusive), subscription(List.of(items)));
  }

  public static Period march() {
    return recurrence().period(0);
  }

  public static Customer customer() {
    return new Customer(
        "dharma",
        new Party("Dharma Gau Raksha", List.of("Mumbai"), List.of()),
        new TaxProfile("IN", "MH", "27ABCDE1234F1Z5", "", false),
        Locale.forLanguageTag("en-IN"),
        ZONE);
  }
}
