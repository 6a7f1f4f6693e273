package io.tollgate.controlplane.catalog.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.contract.BillingState;
import io.tollgate.contract.OverLimit;
import io.tollgate.contract.Recurrence;
import io.tollgate.contract.Scope;
import io.tollgate.contract.StoreDown;
import io.tollgate.controlplane.catalog.AddOn;
import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.catalog.Charge;
import io.tollgate.controlplane.catalog.Coupon;
import io.tollgate.controlplane.catalog.Cycle;
import io.tollgate.controlplane.catalog.FeatureValue;
import io.tollgate.controlplane.catalog.LimitSpec;
import io.tollgate.controlplane.catalog.Plan;
import io.tollgate.controlplane.catalog.Policies;
import io.tollgate.controlplane.catalog.Price;
import io.tollgate.controlplane.catalog.PriceModel;
import io.tollgate.yaml.YamlException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.joda.money.CurrencyUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CatalogYamlTest {
  private static final Path EXAMPLES = Path.of("../../examples/catalogs");
  private static final CurrencyUnit INR = CurrencyUnit.of("INR");
  private static final CurrencyUnit USD = CurrencyUnit.USD;

  private static final String BASE =
      """
      catalog: shop
      meters:
        calls: {title: Calls, greatest-cost: 5}
      features:
        seats: {kind: limited, unit: seat}
        export: {}
        support: {kind: leveled, levels: [mail, phone]}
      plans:
        small:
          prices: {EUR: {monthly: 10}}
          features: {seats: 3, export: true, support: mail}
          limits:
            rate: {kind: rate, meter: calls, amount: 10, per: 1s}
            quota: {kind: quota, meter: calls, amount: 100, window: month}
          charges:
            calls:
              meter: calls
              prices:
                EUR: {model: graduated, tiers: [{up-to: 10, unit-price: 2}, {above: 10, unit-price: 1}]}
        large:
          prices: {EUR: {monthly: 20}}
          limits:
            rate: unlimited
            quota: unlimited
      add-ons:
        seat:
          plans: [small]
          prices: {EUR: {monthly: 1}}
          effects: [{feature: seats, add: 1}]
      """;

  @Test
  void read_gaudaan_isDocument002() {
    Catalog catalog = CatalogYaml.read(EXAMPLES.resolve("gaudaan.yaml"));
    assertThat(catalog.plans().keySet())
        .containsExactly("starter", "standard", "premium", "enterprise");
    assertThat(catalog.addOns()).hasSize(9);
    assertPrice(catalog, "starter", Cycle.MONTHLY, "999");
    assertPrice(catalog, "starter", Cycle.YEARLY, "10190");
    assertPrice(catalog, "premium", Cycle.YEARLY, "50990");
    assertThat(catalog.plan("enterprise").orElseThrow().prices()).allMatch(Price::isCustom);
    assertThat(catalog.taxes().inclusive()).isTrue();
    assertThat(catalog.policies().dunning()).isEqualTo(Policies.Dunning.DOCUMENT_002);
    assertThat(catalog.policies().changes()).isEqualTo(Policies.DEFAULT.changes());
    Plan standard = catalog.plan("standard").orElseThrow();
    assertThat(standard.features()).containsEntry("cow-adoption", FeatureValue.upTo(25));
    assertThat(standard.features()).containsEntry("events", FeatureValue.ON);
    assertThat(standard.rank()).isEqualTo(1);
  }

  @Test
  void read_gaudaan_yearlyAddOnIsTwelveMonths() {
    Catalog catalog = CatalogYaml.read(EXAMPLES.resolve("gaudaan.yaml"));
    AddOn seats = catalog.addOn("extra-admin-seats").orElseThrow();
    assertThat(seats.price(INR, Cycle.YEARLY).orElseThrow().amount()).isEqualByComparingTo("3588");
    assertThat(seats.price(INR, new Cycle(Recurrence.Unit.WEEK, 1))).isEmpty();
  }

  @Test
  void read_atom_isDocument003() {
    Catalog catalog = CatalogYaml.read(EXAMPLES.resolve("atom.yaml"));
    Plan free = catalog.plan("free").orElseThrow();
    assertThat(free.limits())
        .contains(
            new LimitSpec.Rate(
                "api-calls-hourly",
                "calls",
                Scope.TENANT,
                100,
                Duration.ofHours(1),
                100,
                OverLimit.DENY,
                false))
        .anySatisfy(
            limit -> {
              assertThat(limit.name()).isEqualTo("storage");
              assertThat(((LimitSpec.Quota) limit).over())
                  .isEqualTo(new OverLimit(OverLimit.Behavior.DENY, 5, 7, List.of(80, 95, 100)));
            });
    assertThat(catalog.plan("enterprise").orElseThrow().limits())
        .contains(new LimitSpec.Unlimited("api-calls"));
  }

  @Test
  void read_services_isDocument004() {
    Catalog catalog = CatalogYaml.read(EXAMPLES.resolve("services.yaml"));
    assertPrice(catalog, "pro", Cycle.MONTHLY, "99");
    Coupon coupon = catalog.coupon("welcome25").orElseThrow();
    assertThat(coupon.percent()).isEqualByComparingTo("25");
    assertThat(coupon.periods()).isEqualTo(3);
    Charge charge = catalog.plan("usage").orElseThrow().charges().getFirst();
    assertThat(charge.model(USD).orElseThrow())
        .isInstanceOfSatisfying(
            PriceModel.Graduated.class,
            model ->
                assertThat(model.tiers())
                    .extracting(PriceModel.Tier::unitPrice)
                    .containsExactly(
                        new BigDecimal("0.1"), new BigDecimal("0.08"), new BigDecimal("0.05")));
    assertThat(catalog.policies().dunning().steps())
        .extracting(Policies.Step::state)
        .contains(BillingState.PAST_DUE, BillingState.SUSPENDED);
  }

  @Test
  void parse_base_isAccepted() {
    assertThat(CatalogYaml.parse("base.yaml", BASE).plans()).hasSize(2);
  }

  @Test
  void parse_noUnitsIncluded_isNothingIncluded() {
    Catalog none =
        CatalogYaml.parse("base.yaml", BASE.replace("graduated,", "graduated, included: 0,"));
    assertThat(none).isEqualTo(CatalogYaml.parse("base.yaml", BASE));
    assertThatThrownBy(
            () -> CatalogYaml.parse("b", BASE.replace("graduated,", "graduated, included: -1,")))
        .hasMessageContaining("plans.small.charges.calls.prices.EUR.included");
  }

  @Test
  void parse_storeDown_isThePlans() {
    String said =
        BASE.replace(
            "prices: {EUR: {monthly: 20}}",
            "prices: {EUR: {monthly: 20}}\n    store-down: fair-share");
    Catalog catalog = CatalogYaml.parse("base.yaml", said);
    assertThat(catalog.plan("large").orElseThrow().storeDown()).contains(StoreDown.FAIR_SHARE);
    assertThat(catalog.plan("small").orElseThrow().storeDown()).isEmpty();
    assertThatThrownBy(() -> CatalogYaml.parse("b", said.replace("fair-share", "maybe")))
        .hasMessageContaining("plans.large.store-down")
        .hasMessageContaining("fair-share");
  }

  @Test
  void parse_shadow_isAVersionsOrALimits() {
    assertThat(shadows(BASE)).containsOnly(false);
    String whole = BASE + "\npolicies: {shadow: true}\n";
    assertThat(shadows(whole)).containsOnly(true);
    String butOne = whole.replace("amount: 10, per: 1s", "amount: 10, per: 1s, shadow: false");
    assertThat(shadows(butOne)).contains(true, false);
    String one = BASE.replace("amount: 10, per: 1s", "amount: 10, per: 1s, shadow: true");
    assertThat(shadows(one)).contains(true, false);
  }

  @Test
  void parse_amountsWithMoreDecimalsThanTheCurrency_areRefusedWherePricesAreNot() {
    String fee = BASE.replace("  small:\n", "  small:\n    setup-fee: {EUR: %s}\n");
    assertThatThrownBy(() -> CatalogYaml.parse("f.yaml", fee.formatted("9.999")))
        .hasMessageContaining("plans.small.setup-fee.EUR: 9.999 has more decimals than EUR (2)");
    assertThat(CatalogYaml.parse("f.yaml", fee.formatted("9.990")).plans()).hasSize(2);
    CatalogYaml.parse("p.yaml", BASE.replace("{monthly: 10}", "{monthly: 10.125}"));
  }

  @Test
  void parse_dunningThatGetsMilder_isRefused() {
    String steps = "[{day: 8, state: grace}, {day: 12, attempt: true}, {day: 15, state: %s}]";
    String policies = BASE + "\npolicies: {dunning: {steps: " + steps + "}}\n";
    for (String milder : List.of("past-due", "grace")) {
      assertThatThrownBy(() -> CatalogYaml.parse("d.yaml", policies.formatted(milder)))
          .hasMessageContaining("must worsen")
          .hasMessageContaining(milder + " comes after grace");
    }
    assertThat(
            CatalogYaml.parse("d.yaml", policies.formatted("suspended"))
                .policies()
                .dunning()
                .steps())
        .hasSize(3);
  }

  private static List<Boolean> shadows(String catalog) {
    return CatalogYaml.parse("shadow.yaml", catalog).plans().values().stream()
        .flatMap(plan -> plan.limits().stream())
        .flatMap(CatalogYamlTest::shadow)
        .toList();
  }

  private static Stream<Boolean> shadow(LimitSpec limit) {
    return switch (limit) {
      case LimitSpec.Rate rate -> Stream.of(rate.shadow());
      case LimitSpec.Quota quota -> Stream.of(quota.shadow());
      case LimitSpec.Concurrency concurrency -> Stream.of(concurrency.shadow());
      case LimitSpec.Unlimited unlimited -> Stream.of();
    };
  }

  /** Each line: what is replaced in a good catalog, by what, and what the refusal must say. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          above: 10,                       | above: 12,                    | gap after 10
          above: 10,                       | above: 8,                     | overlaps what ends at 10
          {above: 10, unit-price: 1}       | {up-to: 5, unit-price: 1}     | overlaps what ends at 10
          {above: 10, unit-price: 1}       | {up-to: 50, unit-price: 1}    | above 50 has no price: a gap
          plans: [small]                   | plans: []                     | it is for no plan
          plans: [small]                   | plans: [tiny]                 | there is no plan 'tiny'
          {monthly: 10}                    | {monthly: -10}                | a price is at least 0
          unit-price: 2                    | unit-price: -2                | a price is at least 0
          amount: 10, per: 1s              | amount: 10                    | a rate needs its window
          amount: 10, per: 1s              | amount: 10, per: 1s, burst: 0 | a number from 1
          amount: 10, per: 1s              | amount: 10, per: 1s, burst: 4 | make it at least 5
          amount: 100, window: month       | amount: 100                   | a quota needs its period
          amount: 100, window: month       | amount: -1, window: month     | a number from 0
          amount: 100, window: month       | amount: 99999999999999999999, window: month | whole number
          rate: unlimited                  | rate: {kind: rate, meter: calls, amount: 9, per: 1m} | plans.small.limits.rate: is a rate of calls per PT1S here and a rate of calls per PT1M in plan large; one name is one limit, so give one of them another name
          quota: unlimited                 | quota: {kind: quota, meter: calls, amount: 9, window: day} | plans.small.limits.quota: is a quota of calls per MONTH here and a quota of calls per DAY in plan large; one name is one limit, so give one of them another name
          quota: unlimited                 | quota: {kind: rate, meter: calls, amount: 9, per: 1s} | plans.small.limits.quota: is a quota of calls per MONTH here and a rate of calls per PT1S in plan large; one name is one limit
          rate: unlimited                  | speed: unlimited              | has the limit 'speed' and this plan does not
          meter: calls, amount: 10,        | meter: bytes, amount: 10,     | there is no meter 'bytes'
          {seats: 3,                       | {chairs: 3,                   | there is no feature 'chairs'
          support: mail}                   | support: fax}                 | a level is expected: mail, phone
          export: true                     | export: 7                     | true or false is expected
          {EUR: {monthly: 20}}             | {XQX: {monthly: 20}}          | is no currency
          {EUR: {monthly: 20}}             | {EUR: {fortnightly: 20}}      | is no cycle
          {EUR: {monthly: 10}}             | {EUR: {monthly: 10}, USD: {monthly: 9}} | sold in USD, but its usage of calls
          {EUR: {monthly: 1}}              | {USD: {monthly: 1}}           | sold in EUR, but the add-on
          {EUR: {monthly: 1}}              | {EUR: {weekly: 1}}            | no price of the add-on goes with that
          {EUR: {monthly: 10}}             | {EUR: {monthly: 1e1}}         | write the digits out
          feature: seats, add: 1           | feature: export, add: 1       | only a limited feature
          feature: seats, add: 1           | limit: rate2, multiply: 10    | has no limit 'rate2'
          amount: 10, per: 1s              | amount: 0, per: 1s            | a number from 1
          amount: 10, per: 1s              | amount: -1, per: 1s           | a number from 1
          amount: 10, per: 1s              | amount: 9300000000000000, per: 1s | a number from 1
          amount: 10, per: 1s              | amount: 4, per: 1s            | make it at least 5
          amount: 10, per: 1s              | per: 1s                       | the key 'amount' is missing
          amount: 10, per: 1s              | amount: 9.5, per: 1s          | whole number
          amount: 10, per: 1s              | amount: 10, per: 1s, burst: -1 | a number from 1
          amount: 10, per: 1s              | amount: 10, per: 1s, burst: 9300000000000000 | a number from 1
          amount: 10, per: 1s              | amount: 10, per: 1s, over: {buffer-percent: -5} | a number from 0 to 100
          amount: 10, per: 1s              | amount: 10, per: 1s, over: {grace-days: -1} | a number from 0 to 366
          amount: 10, per: 1s              | amount: 10, per: 1s, over: {alerts: [90, 80]} | alerts must rise
          amount: 10, per: 1s              | amount: 10, per: 1s, scope: team | tenant, key, 'route-group:NAME' or 'feature:NAME' is expected
          amount: 10, per: 1s              | amount: 10, per: soon         | a duration such as
          amount: 100, window: month       | amount: 9300000000000000, window: month | a number from 0
          amount: 100, window: month       | amount: 100, per: month       | a quota needs its period
          amount: 100, window: month       | amount: 100, window: month, per: 1s | per
          greatest-cost: 5                 | greatest-cost: 0              | a number from 1
          greatest-cost: 5                 | greatest-cost: -5             | a number from 1
          greatest-cost: 5                 | greatest-cost: 11             | make it at least 11
          feature: seats, add: 1           | limit: rate, multiply: 0      | a number from 2
          feature: seats, add: 1           | limit: rate, multiply: -2     | a number from 2
          feature: seats, add: 1           | limit: quota, add: -1         | a number from 1
          feature: seats, add: 1           | limit: quota, add: 99999999999999999999 | whole number
          quota: {kind: quota, meter: calls, amount: 100, window: month} | quota: {kind: concurrency, permits: -1} | a number from 1
          quota: {kind: quota, meter: calls, amount: 100, window: month} | quota: {kind: concurrency, permits: 3000000000} | a number from 1
          quota: {kind: quota, meter: calls, amount: 100, window: month} | quota: {kind: concurrency, permits: 3, ttl: 0s} | from 1s to 1d
          amount: 10, per: 1s              | amount: 10, per: 2d           | from 1s to 1d
          amount: 10, per: 1s              | amount: 10, per: 0s           | from 1s to 1d
          rate: {kind: rate, meter: calls, amount: 10, per: 1s} | rate: {}  | say its kind
          rate: {kind: rate, meter: calls, amount: 10, per: 1s} | rate: none | or 'unlimited'
          quota: {kind: quota, meter: calls, amount: 100, window: month} | quota: {kind: concurrency, permits: 0} | a number from 1
          quota: {kind: quota, meter: calls, amount: 100, window: month} | rate: {kind: quota, meter: calls, amount: 100, window: day} | plans.small.limits: the key 'rate' stands here twice; leave one out, or rename it
          window: month                    | window: fortnight             | lifetime
          catalog: shop                    | catalogue: shop               | catalogue: unknown key; did you mean 'catalog'?
          catalog: shop                    | title: shop                   | the key 'catalog' is missing
          plans:                           | plnas:                        | plnas: unknown key; did you mean 'plans'?
          meters:                          | meter:                        | meter: unknown key; did you mean 'meters'?
          prices: {EUR: {monthly: 20}}     | price: {EUR: {monthly: 20}}   | plans.large.price: unknown key; did you mean 'prices'?
          prices: {EUR: {monthly: 20}}     | title: Large                  | a plan needs a price
          {up-to: 10, unit-price: 2}       | {upto: 10, unit-price: 2}     | tiers[0].upto: unknown key; did you mean 'up-to'?
          """)
  void parse_contradiction_isRefusedWithPlaceAndRemedy(
      String old, String changed, String expected) {
    assertThat(BASE).contains(old);
    String text = BASE.replace(old, changed);
    assertThatThrownBy(() -> CatalogYaml.parse("shop.yaml", text))
        .isInstanceOf(YamlException.class)
        .hasMessageMatching("(?s)shop\\.yaml:[0-9]+: .*")
        .hasMessageContaining(expected);
  }

  @Test
  void parse_limitsOfOneNameWithDifferentWindows_areRefusedWhateverTheirPlans() {
    String twice =
        BASE.replace(
            "amount: 100, window: month}",
            "amount: 100, window: month}\n"
                + "      quota: {kind: quota, meter: calls, amount: 9, window: day}");
    assertThatThrownBy(() -> CatalogYaml.parse("shop.yaml", twice))
        .hasMessageStartingWith(
            "shop.yaml:15: plans.small.limits: the key 'quota' stands here twice");
    // Who has bought both products would have one limit of the two.
    String products =
        BASE.replace(
                "plans:\n  small:\n",
                "products: {a: {title: A}, b: {title: B}}\nplans:\n  small:\n    product: a\n")
            .replace("  large:\n", "  large:\n    product: b\n");
    String month = "quota: {kind: quota, meter: calls, amount: 9, window: month}";
    String alike = products.replace("rate: unlimited\n      quota: unlimited", month);
    assertThat(CatalogYaml.parse("shop.yaml", alike).plans()).hasSize(2);
    assertThatThrownBy(
            () ->
                CatalogYaml.parse(
                    "shop.yaml",
                    alike.replace("amount: 9, window: month", "amount: 9, window: day")))
        .hasMessageContaining("plans.small.limits.quota: is a quota of calls per MONTH here")
        .hasMessageContaining("a quota of calls per DAY in plan large");
  }

  @ParameterizedTest
  @CsvSource({"monthly,monthly", "1-months,monthly", "3-months,quarterly", "45-days,45-days"})
  void cycle_parse_readsWhatToStringWrites(String text, String written) {
    Cycle cycle = Cycle.parse(text).orElseThrow();
    assertThat(cycle).hasToString(written);
    assertThat(Cycle.parse(cycle.toString())).contains(cycle);
  }

  private static void assertPrice(Catalog catalog, String plan, Cycle cycle, String amount) {
    CurrencyUnit currency = catalog.name().equals("gaudaan") ? INR : USD;
    assertThat(catalog.plan(plan).orElseThrow().price(currency, cycle).orElseThrow().amount())
        .isEqualByComparingTo(amount);
  }
}
