package io.tollgate.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tollgate.controlplane.CommandSequencesTest.Happening;
import io.tollgate.controlplane.catalog.Cycle;
import io.tollgate.controlplane.catalog.Policies.When;
import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.simulation.scenario.Action;
import io.tollgate.controlplane.simulation.scenario.Scenario;
import io.tollgate.controlplane.simulation.scenario.Scenario.Buyer;
import io.tollgate.controlplane.simulation.scenario.Scenario.Step;
import io.tollgate.controlplane.simulation.scenario.ScenarioResult;
import io.tollgate.controlplane.simulation.scenario.ScenarioRunner;
import io.tollgate.controlplane.subscription.Cancellation;
import io.tollgate.controlplane.subscription.PauseWish;
import io.tollgate.controlplane.tenant.BillingDetails;
import io.tollgate.controlplane.wallet.Asset;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
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

/**
 * What a preview says, lines, net, tax and total, is what the command then bills: under any of the
 * catalog's rules, with minimums, add-ons in steps, coupons, prepaid units and money, a trial, and
 * a second subscription beside it.
 */
class PreviewSequencesTest {
  private static final String CATALOG =
      """
      catalog: any
      seller: {name: Seller, country: DE}
      policies:
        dunning: {steps: []}
      RULES
      taxes: {ROUNDED rates: [{name: VAT, country: DE, percent: 19}]}
      products: {api: {}, extra: {}}
      meters: {units: {title: Units, decimals: 1}, sms: {title: SMS}, spare: {title: Spare}}
      plans:
        small:
          product: api
          prices: {EUR: {monthly: 29.99, weekly: 7.77, yearly: 300}}
          minimum: {EUR: 45.01}
          setup-fee: {EUR: 5}
          charges: &charges
            units:
              meter: units
              prices:
                EUR: {model: graduated, included: 2, tiers: [{up-to: 10, unit-price: 0.333}, {unit-price: 0.1, flat: 2}]}
            sms: {meter: sms, prices: {EUR: {model: prepaid-blocks, size: 100, price: 3}}}
        large:
          product: api
          prices:
            EUR:
              monthly: {model: graduated, tiers: [{up-to: 2, unit-price: 99.95}, {unit-price: 80}]}
              weekly: {model: volume, tiers: [{up-to: 1, unit-price: 25}, {unit-price: 21.5}]}
              yearly: 999
          trial-days: 5
          charges: *charges
        late:
          product: api
          prices: {EUR: {monthly: 59.99, weekly: 15, yearly: 600}}
          billed: in-arrears
          minimum: {EUR: 70}
          charges: {units: {meter: units, prices: {EUR: {model: volume, tiers: [{up-to: 20, unit-price: 0.25}, {unit-price: 0.2}]}}}}
        side:
          product: extra
          prices: {EUR: {monthly: 12.34}}
          charges: {spare: {meter: spare, prices: {EUR: {model: package, size: 10, price: 1.11}}}}
      add-ons:
        seat:
          plans: all
          prices:
            EUR:
              weekly: {model: stairstep, steps: [{up-to: 2, amount: 1.11}, {amount: 4.56}]}
              monthly: {model: graduated, tiers: [{up-to: 3, unit-price: 4.44}, {unit-price: 3.33}]}
              yearly: 44
        box: {plans: all, billed: in-arrears, prices: {EUR: {weekly: 2.22, monthly: 7.07, yearly: 70}}}
        pack: {plans: all, one-off: {EUR: 9.99}, effects: [{prepay: sms, units: 150, expires: 20-days}]}
        bundle:
          plans: all
          prices: {EUR: {weekly: 3.21, monthly: 12.12, yearly: 99}}
          effects: [{prepay: sms, units: 80, expires: period-end}]
      coupons:
        THIRD: {percent: 33.3, periods: 2}
        FIVE: {amount: {EUR: 5}, periods: forever, order: 1}
        MUCH: {amount: {EUR: 60}, periods: 3}
      """;

  /** The next version: what is bought, used and held costs more. */
  private static final Action DEARER = new Action.Apply("any.yaml", "");

  private static final Asset EUR = new Asset.Currency(CurrencyUnit.EUR);
  private static final String MAIN = "main";

  /** How many stories each of the tries tells. */
  private static final int SCALE = Integer.getInteger("tollgate.scale", 1);

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

  /** The catalog's rules, as its file says them. */
  record Rules(String policies, String taxes) {
    String catalog() {
      return CATALOG.replace("RULES\n", policies.indent(2)).replace("ROUNDED ", taxes);
    }

    String dearer() {
      return catalog().replace("29.99", "31.49").replace("0.333", "0.4").replace("4.44", "5.55");
    }
  }

  /** Whose, under which rules, since when, and what happens. */
  record Story(
      Rules rules,
      ZoneId zone,
      LocalDateTime start,
      String plan,
      Cycle cycle,
      List<String> coupons,
      boolean beside,
      List<Happening> happenings) {
    List<Step> steps() {
      List<Step> steps = new ArrayList<>();
      if (beside) {
        // At minutes at which nothing else happens, so that no document is of both.
        steps.add(step(start.minusDays(9).plusMinutes(17), subscribe("side", "side", null)));
        steps.add(
            step(start.minusDays(9).plusMinutes(18), new Action.Use(used("spare", 25), null)));
      }
      LocalDateTime at = start;
      steps.add(step(at, subscribe(MAIN, plan, cycle)));
      for (Happening happening : happenings) {
        at = at.plusDays(happening.days()).plusHours(happening.hours());
        steps.add(step(at, happening.action()));
      }
      return steps;
    }

    private Action subscribe(String as, String plan, @Nullable Cycle of) {
      List<String> redeemed = as.equals(MAIN) ? coupons : List.of();
      return new Action.Subscribe(
          as, plan, 1, of, null, null, null, null, false, null, Map.of(), redeemed);
    }

    Step step(LocalDateTime at, Action action) {
      Action taken = action.equals(DEARER) ? new Action.Apply("any.yaml", rules.dearer()) : action;
      boolean begins = action instanceof Action.Subscribe || action instanceof Action.Apply;
      return new Step(
          at.atZone(zone).toInstant(),
          "t",
          begins ? null : MAIN,
          taken,
          null,
          List.of(),
          problem -> problem);
    }

    Scenario scenario(List<Step> steps, Instant until) {
      BillingDetails billing =
          new BillingDetails(
              "t", List.of(), "DE", "", "", "", "", "", "", "", false, "", Locale.ENGLISH);
      Buyer buyer = new Buyer("t", zone, CurrencyUnit.EUR, false, billing);
      return new Scenario(
          "any",
          "any.yaml",
          "any.yaml",
          rules.catalog(),
          List.of(buyer),
          steps,
          until,
          List.of(),
          List.of());
    }
  }

  private static Map<String, List<BigDecimal>> used(String meter, long units) {
    return Map.of(meter, List.of(BigDecimal.valueOf(units)));
  }

  private static Arbitrary<Rules> rules() {
    Arbitrary<String> changes =
        Arbitraries.of(
            "changes: {downgrade: now, fewer-units: now, shorter-cycle: now, add-on-removed: now}",
            "changes: {downgrade: now, fewer-units: now, shorter-cycle: now, add-on-removed: now}",
            "changes: {upgrade: period-end, more-units: period-end, add-on-added: period-end}");
    Arbitrary<String> proration =
        Arbitraries.of(
            "", "", "proration: seconds", "proration: thirty-day-month", "proration: none");
    Arbitrary<String> more =
        Arbitraries.of(
            "",
            "",
            "netted: true",
            "usage-at-change: at-once",
            "usage-at-change: last-plan",
            "allowances: prorated",
            "prorations: next-invoice",
            "prorations: none",
            "prorations: {upgrade: none, add-on-added: none, fewer-units: none}",
            "alignment: calendar",
            "zero-invoices: skip");
    Arbitrary<String> taxes =
        Arbitraries.of("", "", "inclusive: true, ", "rounding: invoice, ")
            .flatMap(
                first ->
                    first.startsWith("rounding")
                        ? Arbitraries.of(first, first + "inclusive: true, ")
                        : Arbitraries.just(first));
    return Combinators.combine(changes, proration, more, taxes)
        .as(
            (one, two, three, tax) ->
                new Rules(
                    Stream.of(one, two, three)
                        .filter(line -> !line.isEmpty())
                        .reduce((a, b) -> a + "\n" + b)
                        .orElseThrow(),
                    tax));
  }

  @Provide
  Arbitrary<Story> stories() {
    Arbitrary<ZoneId> zones =
        Arbitraries.of("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata").map(ZoneId::of);
    Arbitrary<LocalDateTime> starts =
        Arbitraries.of("2026-01-31", "2028-02-29", "2026-03-15", "2026-10-24", "2027-12-31")
            .map(day -> LocalDate.parse(day).atTime(1, 30));
    Arbitrary<Cycle> cycles =
        Arbitraries.of(Cycle.MONTHLY, Cycle.MONTHLY, Cycle.parse("weekly").orElseThrow());
    Arbitrary<List<String>> coupons =
        Arbitraries.of(
            List.of(), List.of(), List.of("THIRD"), List.of("FIVE", "THIRD"), List.of("MUCH"));
    Arbitrary<Happening> happening =
        Combinators.combine(
                Arbitraries.integers().between(0, 20),
                Arbitraries.integers().between(0, 23),
                happenings())
            .as(Happening::new);
    return Combinators.combine(
            rules(),
            zones,
            starts,
            Arbitraries.of("small", "small", "large", "late"),
            cycles,
            coupons,
            Arbitraries.of(true, false),
            happening.list().ofMinSize(1).ofMaxSize(7))
        .as(Story::new);
  }

  private static Arbitrary<Action> happenings() {
    return Arbitraries.oneOf(
        changes(),
        Arbitraries.of(4L, 13L, 31L).map(units -> new Action.Use(used("units", units), null)),
        Arbitraries.of(40L, 130L).map(units -> new Action.Use(used("sms", units), null)),
        Arbitraries.of(-3L, -9L).map(units -> new Action.Use(used("units", units), null)),
        Arbitraries.of(
            new Action.Pay(null),
            new Action.Pay(null),
            new Action.Credit(new BigDecimal("3.21"), "test"),
            new Action.Withdraw("test"),
            new Action.Grant(EUR, new BigDecimal("20.00"), 5, null),
            new Action.Grant(new Asset.Units("sms"), new BigDecimal("35"), 5, null),
            new Action.PayFromWallet(null, null),
            new Action.Coupon("THIRD", false),
            new Action.Coupon("MUCH", false)),
        Arbitraries.of(
            new Action.Pause(new PauseWish(null)),
            new Action.Pause(new PauseWish(When.PERIOD_END, null, null)),
            new Action.Resume(),
            new Action.UndoCancel(),
            new Action.Unschedule(),
            DEARER,
            DEARER));
  }

  private static Action change(
      @Nullable String plan, @Nullable Integer quantity, @Nullable Cycle cycle) {
    return new Action.Change(plan, quantity, cycle, null, null, false);
  }

  private static Arbitrary<Action> changes() {
    return Arbitraries.of(
        change("large", null, null),
        change("small", null, null),
        change("late", null, null),
        change(null, 3, null),
        change(null, 1, null),
        change("large", 4, null),
        change(null, null, Cycle.YEARLY),
        change(null, null, Cycle.MONTHLY),
        new Action.Change("large", null, null, null, null, true),
        new Action.Change("late", null, null, null, When.NOW, false),
        new Action.Change("small", 2, null, null, When.PERIOD_END, false),
        new Action.AddOn("seat", 2, null),
        new Action.AddOn("seat", 5, null),
        new Action.AddOn("seat", 0, null),
        new Action.AddOn("box", 2, null),
        new Action.AddOn("box", 0, null),
        new Action.AddOn("pack", 1, null),
        new Action.AddOn("bundle", 2, null),
        new Action.AddOn("bundle", 1, null),
        new Action.AddOn("bundle", 0, null));
  }

  /** Quantities of which nothing before has as many: few of these are refused. */
  private static Arbitrary<Action> asks() {
    return Arbitraries.of(
        change("large", 2, null),
        change("small", 5, null),
        change("late", 3, null),
        change(null, 7, null),
        change("late", 6, Cycle.YEARLY),
        change("large", 6, Cycle.MONTHLY),
        new Action.Change("small", 8, null, null, When.PERIOD_END, false),
        new Action.AddOn("seat", 4, null),
        new Action.AddOn("seat", 1, null),
        new Action.AddOn("box", 3, null),
        new Action.AddOn("pack", 2, null),
        new Action.AddOn("bundle", 3, null));
  }

  @Provide
  Arbitrary<Action> commands() {
    Arbitrary<Action> ends =
        Combinators.combine(
                Arbitraries.of(When.NOW, When.NOW, When.PERIOD_END), Arbitraries.of(true, false))
            .as((when, refund) -> new Action.Cancel(new Cancellation(when, refund)));
    Arbitrary<Action> others =
        Arbitraries.of(
            new Action.Migrate(null),
            new Action.Migrate(When.NOW),
            new Action.Migrate(When.PERIOD_END),
            new Action.Trial(null));
    return Arbitraries.oneOf(asks(), asks(), changes(), ends, others);
  }

  /** A story and what is asked at its end. */
  record Asked(Story story, Action command) {}

  @Provide
  Arbitrary<List<Asked>> asked() {
    return Combinators.combine(stories(), commands()).as(Asked::new).list().ofSize(SCALE);
  }

  @Property(tries = 12, shrinking = ShrinkingMode.OFF)
  void preview_ofAnyCommand_isWhatItThenBills(@ForAll("asked") List<Asked> asked) {
    asked.forEach(PreviewSequencesTest::isWhatItThenBills);
  }

  private static void isWhatItThenBills(Asked asked) {
    Story story = asked.story();
    List<Step> before = story.steps();
    LocalDateTime at =
        LocalDateTime.ofInstant(before.getLast().at(), story.zone()).plusDays(2).withHour(9);
    Step look = story.step(at, new Action.Preview(asked.command()));
    Step take = story.step(at, asked.command());
    Result seen = run(story.scenario(with(before, look), look.at()));
    Result done = run(story.scenario(with(before, take), look.at()));
    assertThat(seen.isRefused(look)).as("%s", asked).isEqualTo(done.isRefused(take));
    List<JsonNode> promised = documents(seen.tenant().path("preview"));
    List<JsonNode> fresh = new ArrayList<>(done.documents());
    seen.documents().forEach(fresh::remove);
    JsonNode subscription = subscription(done);
    boolean waits = fresh.isEmpty() && !promised.isEmpty();
    if (waits && isToCome(seen, done)) {
      String next =
          Stream.of("end", "cancel-at")
              .map(key -> subscription.path(key).asText())
              .filter(day -> !day.isEmpty())
              .min(Comparator.naturalOrder())
              .orElseThrow();
      Instant renewed =
          LocalDate.parse(next).plusDays(1).atTime(12, 0).atZone(story.zone()).toInstant();
      done = run(story.scenario(with(before, take), renewed));
      assertThat(done.documents()).as("%s", asked).containsAll(promised);
      return;
    }
    assertThat(promised).as("%s", asked).containsAll(fresh);
    assertThat(done.documents()).as("%s", asked).containsAll(promised);
  }

  /** Whether the command changes what comes, and nothing yet. */
  private static boolean isToCome(Result seen, Result done) {
    return !subscription(seen).equals(subscription(done));
  }

  private static JsonNode subscription(Result result) {
    JsonNode all = result.tenant().path("subscriptions");
    return all.path(all.size() - 1);
  }

  private static List<Step> with(List<Step> steps, Step last) {
    List<Step> all = new ArrayList<>(steps);
    all.add(last);
    return all;
  }

  /** What came of a story, and which of its steps were refused. */
  private record Result(ObjectNode tenant, List<Step> steps, List<Integer> refused) {
    List<JsonNode> documents() {
      List<JsonNode> all = new ArrayList<>();
      all.addAll(PreviewSequencesTest.documents(tenant.path("invoices")));
      all.addAll(PreviewSequencesTest.documents(tenant.path("credit-notes")));
      return all;
    }

    boolean isRefused(Step step) {
      return refused.contains(steps.indexOf(step));
    }
  }

  /** Their lines and sums; who paid and what their number is comes later. */
  private static List<JsonNode> documents(JsonNode array) {
    List<JsonNode> list = new ArrayList<>();
    for (JsonNode document : array) {
      ObjectNode kept = document.deepCopy();
      kept.retain("currency", "subtotal", "tax", "total", "start", "end", "lines");
      list.add(kept);
    }
    return list;
  }

  private static Result run(Scenario scenario) {
    List<Integer> refused = new ArrayList<>();
    List<Step> steps = new ArrayList<>();
    for (Step step : scenario.steps()) {
      int index = steps.size();
      steps.add(
          new Step(
              step.at(),
              step.tenant(),
              step.subscription(),
              step.action(),
              step.refused(),
              step.expected(),
              problem -> index + ": " + problem));
    }
    Scenario placed =
        new Scenario(
            scenario.name(),
            scenario.file(),
            scenario.catalogFile(),
            scenario.catalog(),
            scenario.tenants(),
            steps,
            scenario.until(),
            scenario.expected(),
            scenario.notes());
    ScenarioResult result = Objects.requireNonNull(runner).run(placed);
    for (String failure : result.failures()) {
      assertThat(failure).contains("was refused with 4");
      refused.add(Integer.parseInt(failure.substring(0, failure.indexOf(':'))));
    }
    ObjectNode tenant = (ObjectNode) Objects.requireNonNull(result.tenants().get("t"));
    return new Result(tenant, scenario.steps(), refused);
  }
}
