package io.tollgate.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.simulation.scenario.Action;
import io.tollgate.controlplane.simulation.scenario.Scenario;
import io.tollgate.controlplane.simulation.scenario.Scenario.Step;
import io.tollgate.controlplane.simulation.scenario.ScenarioResult;
import io.tollgate.controlplane.simulation.scenario.ScenarioRunner;
import io.tollgate.controlplane.subscription.Cancellation;
import io.tollgate.controlplane.tenant.BillingDetails;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.joda.money.CurrencyUnit;
import org.jspecify.annotations.Nullable;

/** The usage of a last period costs the same, told in time or late, in one go or day by day. */
class LateUsageTest {
  private static final Instant START = Instant.parse("2026-04-01T00:00:00Z");
  private static final Instant CANCELLED = Instant.parse("2026-05-20T12:00:00Z");

  private static @Nullable TestDatabase db;
  private static @Nullable ScenarioRunner runner;

  @BeforeContainer
  static void open() {
    db = new TestDatabase().open();
    runner = ScenarioCommand.runner(db.db());
  }

  @AfterContainer
  static void close() {
    if (db != null) {
      db.close();
    }
  }

  /**
   * Units used in the last period, of which some are taken back.
   *
   * @param hour since its beginning
   * @param late hours after the end; 0 or less for those told in time
   * @param back at most the units
   */
  record Used(long units, int hour, int late, long back) {
    Instant at() {
      return Instant.parse("2026-05-01T00:00:00Z").plus(Duration.ofHours(hour));
    }

    /** Told at an instant, and taken back a day later where it is told late. */
    List<Step> told(Instant when) {
      Instant later = when.isAfter(at()) ? when.plus(Duration.ofHours(26)) : when;
      return List.of(step(when, use(units)), step(later, use(-back)));
    }

    private Action use(long of) {
      return new Action.Use(Map.of("u", List.of(BigDecimal.valueOf(of))), at());
    }
  }

  /** What is agreed, whether the end is the period's, and what is used. */
  record Case(String model, String policies, boolean atPeriodEnd, List<Used> used) {
    Instant end() {
      return atPeriodEnd ? Instant.parse("2026-06-01T00:00:00Z") : CANCELLED;
    }

    List<Step> inTime() {
      return used.stream().flatMap(one -> one.told(one.at()).stream()).toList();
    }

    List<Step> late() {
      return used.stream()
          .map(
              one -> one.told(one.late() > 0 ? end().plus(Duration.ofHours(one.late())) : one.at()))
          .flatMap(List::stream)
          .toList();
    }

    JsonNode run(List<Step> told, boolean daily) {
      List<Step> steps = new ArrayList<>(told);
      steps.add(
          step(
              START,
              new Action.Subscribe(
                  null,
                  "a",
                  1,
                  null,
                  null,
                  null,
                  null,
                  null,
                  false,
                  null,
                  Map.of(),
                  List.of("C"))));
      steps.add(step(CANCELLED, new Action.Cancel(new Cancellation(null, !atPeriodEnd))));
      Instant until = end().plus(Duration.ofDays(20));
      for (Instant day = START; daily && day.isBefore(until); day = day.plus(Duration.ofDays(1))) {
        steps.add(step(day, new Action.Look()));
      }
      steps.add(step(until, new Action.Reconcile()));
      steps.sort(Comparator.comparing(Step::at));
      return LateUsageTest.run(catalog(), steps, until);
    }

    private String catalog() {
      return """
      catalog: late
      seller: {country: DE}
      taxes: {rates: [{name: V, country: DE, percent: 19}]}
      policies: {dunning: {steps: []}, %s}
      meters: {u: {}}
      coupons: {C: {percent: 33.3, periods: forever}}
      plans: {a: {prices: {EUR: {monthly: 10}}, %s}}
      """
          .formatted(policies, model);
    }
  }

  @Provide
  Arbitrary<Case> cases() {
    Arbitrary<Used> used =
        Combinators.combine(
                Arbitraries.longs().between(1, 60),
                Arbitraries.integers().between(0, 460),
                Arbitraries.integers().between(-120, 240),
                Arbitraries.of(0L, 0L, 1L, 17L))
            .as((units, hour, late, back) -> new Used(units, hour, late, Math.min(units, back)));
    Arbitrary<String> model =
        Arbitraries.of(
                "model: graduated, tiers: [{up-to: 40, unit-price: 0.333}, {unit-price: 0.1}]",
                "model: volume, tiers: [{up-to: 50, unit-price: 2}, {unit-price: 1.01}]",
                "model: per-unit, unit-price: 0.0173, included: 30",
                "model: per-unit, unit-price: 1, cap: 70",
                "model: per-unit, unit-price: 1, minimum: 70")
            .map("charges: {u: {meter: u, prices: {EUR: {%s}}}}"::formatted);
    Arbitrary<String> least = Arbitraries.of("", ", minimum: {EUR: 55}");
    return Combinators.combine(
            Combinators.combine(model, least).as(String::concat),
            Arbitraries.of("closing-hours: 24", "closing-hours: 7", "draft-hours: 48"),
            Arbitraries.of(true, false),
            used.list().ofMinSize(1).ofMaxSize(7))
        .as(Case::new);
  }

  @Property(tries = 8, shrinking = ShrinkingMode.OFF)
  void lastPeriod_toldLateOrInTime_costsTheSame(@ForAll("cases") Case told) {
    JsonNode inTime = told.run(told.inTime(), false);
    JsonNode late = told.run(told.late(), false);
    JsonNode daily = told.run(told.late(), true);

    assertThat(net(late)).as("%s", told).isEqualByComparingTo(net(inTime));
    assertThat(net(daily)).isEqualByComparingTo(net(inTime));
    assertThat(daily.path("invoices")).isEqualTo(late.path("invoices"));
    for (JsonNode one : List.of(inTime, late, daily)) {
      assertThat(one.path("reconciliation").path("reconciled").asBoolean())
          .as("%s: %s", told, one.path("reconciliation"))
          .isTrue();
      one.path("reconciliation")
          .path("meters")
          .forEach(meter -> assertThat(meter.path("unbilled").asLong()).isZero());
    }
  }

  /** What all documents come to before tax, which each line rounds for itself. */
  private static BigDecimal net(JsonNode tenant) {
    BigDecimal net = BigDecimal.ZERO;
    for (String documents : List.of("invoices", "credit-notes")) {
      for (JsonNode document : tenant.path(documents)) {
        net = net.add(new BigDecimal(document.path("subtotal").asText()));
      }
    }
    return net;
  }

  private static Step step(Instant at, Action action) {
    return new Step(at, "t", null, action, null, List.of(), problem -> problem);
  }

  private static JsonNode run(String catalog, List<Step> steps, Instant until) {
    BillingDetails billing =
        new BillingDetails(
            "t", List.of(), "DE", "", "", "", "", "", "", "", false, "", Locale.ENGLISH);
    Scenario.Buyer buyer =
        new Scenario.Buyer("t", ZoneOffset.UTC, CurrencyUnit.EUR, false, billing);
    ScenarioResult result =
        Objects.requireNonNull(runner)
            .run(
                new Scenario(
                    "late",
                    "late.yaml",
                    "late.yaml",
                    catalog,
                    List.of(buyer),
                    steps,
                    until,
                    List.of(),
                    List.of()));
    assertThat(result.failures()).isEmpty();
    return Objects.requireNonNull(result.tenants().get("t"));
  }
}
