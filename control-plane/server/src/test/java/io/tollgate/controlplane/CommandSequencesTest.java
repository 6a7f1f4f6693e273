package io.tollgate.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tollgate.controlplane.catalog.Cycle;
import io.tollgate.controlplane.catalog.Policies.When;
import io.tollgate.controlplane.database.TestDatabase;
import io.tollgate.controlplane.invoice.run.OneOffCharge;
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
import io.tollgate.controlplane.wallet.TopUp;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
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
 * Any sequence of commands, through all rooms on a test clock: the ledgers balance, the same events
 * in one go or day by day give the same invoices, and a preview is what the change, the end or the
 * next period then bills.
 */
class CommandSequencesTest {
  private static final String CATALOG =
      """
      catalog: any
      seller: {name: Seller, country: DE}
      policies:
        changes: {downgrade: now, fewer-units: now, shorter-cycle: now, add-on-removed: now}
      taxes: {rates: [{name: VAT, country: DE, percent: 19}]}
      meters: {units: {title: Units, unit: unit}, sms: {title: SMS, unit: message}}
      plans:
        small:
          prices: {EUR: {monthly: 29.99, weekly: 7.77, yearly: 300}}
          charges: &charges
            units:
              meter: units
              prices:
                EUR: {model: graduated, tiers: [{up-to: 10, unit-price: 0.333}, {unit-price: 0.1}]}
            sms: {meter: sms, prices: {EUR: {model: prepaid-blocks, size: 100, price: 3}}}
        large:
          prices: {EUR: {monthly: 99.95, weekly: 25, yearly: 999}}
          trial-days: 5
          charges: *charges
      add-ons:
        seat: {title: Seat, plans: all, prices: {EUR: {weekly: 1.11, monthly: 4.44, yearly: 44}}}
        pack:
          title: Pack
          plans: all
          one-off: {EUR: 9.99}
          effects: [{prepay: sms, units: 150, expires: 20-days}]
      coupons:
        THIRD: {percent: 33.3, periods: 2}
        FIVE: {amount: {EUR: 5}, periods: forever, order: 1}
      """;

  /** The next version: what is bought, used and held costs more. */
  private static final String DEARER =
      CATALOG.replace("29.99", "31.49").replace("0.333", "0.4").replace("4.44", "5.55");

  /** How many stories each of the tries tells. */
  private static final int SCALE = Integer.getInteger("tollgate.scale", 1);

  private static final Asset EUR = new Asset.Currency(CurrencyUnit.EUR);
  private static final Map<String, String> NOTHING_WRONG = new LinkedHashMap<>();

  private static @Nullable TestDatabase db;
  private static @Nullable ScenarioRunner runner;

  static {
    NOTHING_WRONG.put(
        "a credit is what its ledger says",
        "SELECT count(*) AS n FROM wallet_credits c WHERE remaining <> (SELECT coalesce(sum(CASE"
            + " WHEN credited = 'credits' THEN amount ELSE -amount END), 0) FROM wallet_transfers t"
            + " WHERE t.credit = c.id)");
    NOTHING_WRONG.put(
        "an invoice got from the wallet what the ledger says",
        "SELECT count(*) AS n FROM invoices i WHERE wallet <> (SELECT coalesce(sum(CASE WHEN"
            + " credited = 'credits' THEN -amount ELSE amount END), 0) FROM wallet_transfers t"
            + " WHERE t.reference = 'invoice:' || i.id)");
    NOTHING_WRONG.put(
        "nobody gives more than an invoice comes to, and a paid one has it all",
        "SELECT count(*) AS n FROM invoices WHERE kind = 'INVOICE' AND (paid + credited + wallet >"
            + " total OR (status = 'PAID' AND paid + credited + wallet <> total))");
    NOTHING_WRONG.put(
        "a balance is what its entries say",
        "SELECT count(*) AS n FROM invoice_balances b WHERE amount <> (SELECT sum(amount) FROM"
            + " invoice_entries e WHERE e.tenant = b.tenant AND e.currency = b.currency AND e.kind"
            + " = 'BALANCE')");
    NOTHING_WRONG.put(
        "lines sum up to their document",
        "SELECT count(*) AS n FROM invoices i WHERE total <> (SELECT sum(amount + tax) FROM"
            + " invoice_lines l WHERE l.invoice = i.id)");
    NOTHING_WRONG.put(
        "no item was credited more than it was charged",
        "SELECT count(*) AS n FROM (SELECT l.source FROM invoice_lines l JOIN invoices i ON i.id ="
            + " l.invoice WHERE l.source IS NOT NULL AND i.status <> 'VOID' GROUP BY l.source"
            + " HAVING sum(l.amount) < 0) AS over");
    // What a change charged was paid in part by what it gave back itself.
    NOTHING_WRONG.put(
        "nobody has more in credit than was paid, by themselves or from a wallet",
        "SELECT count(*) AS n FROM invoice_balances b WHERE amount > (SELECT coalesce(sum(amount),"
            + " 0) FROM invoice_entries e WHERE e.tenant = b.tenant AND e.currency = b.currency AND"
            + " e.kind = 'PAYMENT') + (SELECT coalesce(sum(wallet), 0) FROM invoices i WHERE"
            + " i.tenant = b.tenant AND i.currency = b.currency)");
    NOTHING_WRONG.put(
        "notes and changes together gave back no more than an invoice asked for",
        "SELECT count(*) AS n FROM invoices i WHERE i.kind = 'INVOICE' AND i.status <> 'VOID' AND"
            + " i.total > 0 AND (SELECT coalesce(-sum(note.total), 0) FROM invoices note WHERE"
            + " note.corrects = i.id) + (SELECT coalesce(sum(credit), 0) FROM (SELECT DISTINCT"
            + " g.invoice, g.position, -(g.amount + g.tax) AS credit FROM invoice_lines c JOIN"
            + " invoice_lines g ON g.subscription = c.subscription AND g.source = c.source AND"
            + " g.kind = 'PRORATION_CREDIT' AND g.invoice <> i.id AND g.period_start < c.period_end"
            + " AND g.period_end > c.period_start WHERE c.invoice = i.id AND c.kind IN ('BASE_FEE',"
            + " 'ADD_ON', 'PRORATION_CHARGE')) AS given) > i.total - (SELECT"
            + " coalesce(sum(own.amount + own.tax), 0) FROM invoice_lines own WHERE own.invoice ="
            + " i.id AND own.kind = 'PRORATION_CREDIT')");
    NOTHING_WRONG.put(
        "numbers are contiguous",
        "SELECT count(*) AS n FROM (SELECT series FROM invoices WHERE ordinal IS NOT NULL GROUP BY"
            + " series HAVING max(ordinal) <> count(*)) AS gaps");
    NOTHING_WRONG.put(
        "nothing was set aside", "SELECT count(*) AS n FROM agenda WHERE set_aside_at IS NOT NULL");
  }

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

  /** Something that happens some days and hours after what came before. */
  record Happening(int days, int hours, Action action) {}

  /** How its catalog invoices, where and when it begins, and what happens. */
  record Story(
      String invoicing,
      ZoneId zone,
      LocalDateTime start,
      Cycle cycle,
      @Nullable Integer trialDays,
      List<Happening> happenings) {
    List<Step> steps() {
      List<Step> steps = new ArrayList<>();
      LocalDateTime at = start;
      steps.add(
          step(
              at,
              new Action.Subscribe(
                  null, "small", 1, cycle, null, null, null, trialDays, false, null, Map.of(),
                  List.of())));
      for (Happening happening : happenings) {
        at = at.plusDays(happening.days()).plusHours(happening.hours());
        steps.add(step(at, happening.action()));
      }
      return steps;
    }

    Step step(LocalDateTime at, Action action) {
      return new Step(
          at.atZone(zone).toInstant(), "t", null, action, null, List.of(), problem -> problem);
    }

    Instant end() {
      return steps().getLast().at().plusSeconds(40L * 24 * 3600);
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
          CATALOG.replace("policies:\n", "policies:\n" + invoicing),
          List.of(buyer),
          steps,
          until,
          List.of(),
          List.of());
    }
  }

  @Provide
  Arbitrary<Story> stories() {
    Arbitrary<ZoneId> zones =
        Arbitraries.of("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia")
            .map(ZoneId::of);
    Arbitrary<LocalDateTime> starts =
        Arbitraries.of("2026-01-31", "2028-02-29", "2026-03-15", "2026-10-24", "2027-12-31")
            .map(day -> LocalDate.parse(day).atTime(1, 30));
    Arbitrary<Cycle> cycles =
        Arbitraries.of(Cycle.MONTHLY, Cycle.MONTHLY, Cycle.parse("weekly").orElseThrow());
    Arbitrary<String> invoicing =
        Arbitraries.of(
            "",
            "",
            "  prorations: next-invoice\n",
            "  prorations: none\n",
            "  prorations: {upgrade: none, add-on-added: none, fewer-units: none}\n",
            "  prorations: {more-units: next-invoice, add-on-removed: next-invoice}\n",
            "  grouping: day\n",
            "  zero-invoices: skip\n");
    Arbitrary<Integer> trials = Arbitraries.of(14, 40).injectNull(0.7);
    return Combinators.combine(
            invoicing, zones, starts, cycles, trials, happening().list().ofMinSize(3).ofMaxSize(9))
        .as(Story::new);
  }

  private static Arbitrary<Happening> happening() {
    return Combinators.combine(
            Arbitraries.integers().between(0, 20), Arbitraries.integers().between(0, 23), actions())
        .as(Happening::new);
  }

  private static Action used(long units, long sms) {
    return new Action.Use(
        Map.of(
            "units", List.of(BigDecimal.valueOf(units)), "sms", List.of(BigDecimal.valueOf(sms))),
        null);
  }

  private static PauseWish pause(Instant at, @Nullable Integer hours) {
    return new PauseWish(null, at, hours == null ? null : at.plusSeconds(3600L * hours));
  }

  private static Arbitrary<Instant> days() {
    return Arbitraries.of("2026-02-20", "2026-04-07", "2026-11-30", "2028-03-31")
        .map(day -> LocalDate.parse(day).atTime(11, 0).toInstant(ZoneOffset.UTC));
  }

  private static Arbitrary<Action> actions() {
    Arbitrary<Integer> few = Arbitraries.integers().between(0, 3);
    return Arbitraries.oneOf(
        changes(),
        few.map(n -> used(7L * n, 60L * n)),
        few.map(n -> used(7L * n, 60L * n)),
        few.map(n -> used(-5L * n, -20L * n)),
        Arbitraries.of(
            new Action.Pause(new PauseWish(null)),
            new Action.Pause(new PauseWish(When.PERIOD_END, null, null)),
            new Action.Resume(),
            new Action.Cancel(new Cancellation(null, false)),
            new Action.Trial(null),
            new Action.UndoCancel(),
            new Action.Reactivate(),
            new Action.Unschedule()),
        Arbitraries.of(true, false)
            .map(refund -> new Action.Cancel(new Cancellation(null, refund))),
        Combinators.combine(days(), Arbitraries.of(true, false))
            .as((day, refund) -> new Action.Cancel(new Cancellation(null, day, refund))),
        days().map(Action.Trial::new),
        Combinators.combine(days(), Arbitraries.integers().between(1, 900).injectNull(0.3))
            .as((day, hours) -> new Action.Pause(pause(day, hours))),
        Arbitraries.of(
            new Action.Apply("any.yaml", DEARER),
            new Action.Migrate(null),
            new Action.Migrate(null)),
        Arbitraries.of("THIRD", "FIVE").map(code -> new Action.Coupon(code, false)),
        Arbitraries.of(
            new Action.Pay(null),
            new Action.Pay(null),
            new Action.Pay(new BigDecimal("13.37")),
            new Action.PayFromWallet(null, null),
            new Action.PayFromWallet(new BigDecimal("8.50"), null),
            new Action.Credit(new BigDecimal("3.21"), "test"),
            new Action.Credit(new BigDecimal("25.00"), "test"),
            new Action.Withdraw("test"),
            new Action.Charge(
                new OneOffCharge("Work", new BigDecimal("1.5"), new BigDecimal("33.33")), true)),
        Arbitraries.of(
            new Action.Grant(EUR, new BigDecimal("20.00"), 5, null),
            new Action.Grant(new Asset.Units("sms"), new BigDecimal("35"), 5, null),
            new Action.TopUp(
                EUR, new BigDecimal("50.00"), 100, null, TopUp.Collection.IF_CHARGEABLE)));
  }

  private static Arbitrary<Action> changes() {
    return Arbitraries.of(
        new Action.Change("large", null, null, null, null, false),
        new Action.Change("small", null, null, null, null, false),
        new Action.Change(null, 3, null, null, null, false),
        new Action.Change(null, 1, null, null, null, false),
        new Action.Change(null, null, Cycle.YEARLY, null, null, false),
        new Action.Change(null, null, Cycle.MONTHLY, null, null, false),
        new Action.Change("large", null, null, null, null, true),
        new Action.Change(null, null, Cycle.YEARLY, null, null, true),
        new Action.Trial(null),
        new Action.AddOn("seat", 2, null),
        new Action.AddOn("seat", 5, null),
        new Action.AddOn("seat", 0, null),
        new Action.AddOn("pack", 1, null),
        new Action.AddOn("pack", 3, null));
  }

  @Provide
  Arbitrary<List<Story>> scaledStories() {
    return stories().list().ofSize(SCALE);
  }

  @Property(tries = 6, shrinking = ShrinkingMode.OFF)
  void anyCommands_balanceAndBillAlikeInOneGoOrDayByDay(
      @ForAll("scaledStories") List<Story> stories) {
    stories.forEach(CommandSequencesTest::balancesAndBillsAlike);
  }

  private static void balancesAndBillsAlike(Story story) {
    List<Step> steps = story.steps();
    JsonNode atOnce = run(story.scenario(steps, story.end()));
    JsonNode daily = run(story.scenario(daily(story, steps), story.end()));
    assertThat(daily).as("%s", story).isEqualTo(atOnce);
    NOTHING_WRONG.forEach((what, query) -> assertThat(count(query)).as(what).isZero());
  }

  private static long count(String query) {
    return database().db().<Long>inTransaction(tx -> tx.one(query, row -> row.whole("n")));
  }

  /** The same with a look at each day's beginning in between. */
  private static List<Step> daily(Story story, List<Step> steps) {
    List<Step> daily = new ArrayList<>();
    for (Step step : steps) {
      if (!daily.isEmpty()) {
        LocalDateTime day = LocalDateTime.ofInstant(daily.getLast().at(), story.zone()).plusDays(1);
        while (day.atZone(story.zone()).toInstant().isBefore(step.at())) {
          daily.add(story.step(day, new Action.Look()));
          day = day.plusDays(1);
        }
      }
      daily.add(step);
    }
    return daily;
  }

  @Provide
  Arbitrary<Action> oneChange() {
    Arbitrary<Action> ends =
        Arbitraries.of(true, false)
            .map(refund -> new Action.Cancel(new Cancellation(When.NOW, refund)));
    return Arbitraries.oneOf(changes(), changes(), ends);
  }

  @Property(tries = 6, shrinking = ShrinkingMode.OFF)
  void preview_anyChange_isWhatTheChangeThenBills(
      @ForAll("stories") Story story, @ForAll("oneChange") Action change) {
    List<Step> before = story.steps();
    LocalDateTime at =
        LocalDateTime.ofInstant(before.getLast().at(), story.zone()).plusDays(2).withHour(9);
    List<Step> previewed = new ArrayList<>(before);
    previewed.add(story.step(at, new Action.Preview(change)));
    List<Step> changed = new ArrayList<>(before);
    changed.add(story.step(at, change));
    Instant then = at.atZone(story.zone()).toInstant();

    JsonNode seen = run(story.scenario(previewed, then));
    JsonNode done = run(story.scenario(changed, then));
    List<JsonNode> promised = List.copyOf(list(seen.path("preview")));
    // What waited may stand on the new document: their number does not tell.
    if (lines(done).equals(lines(seen))) {
      LocalDate end = LocalDate.parse(done.path("subscription").path("end").asText());
      boolean waits =
          done.path("subscription").path("scheduled").asInt() > 0 && !promised.isEmpty();
      if (!waits) {
        // Nothing new: at most what waited on drafts becomes final.
        for (JsonNode document : promised) {
          assertThat(drafts(seen)).as("%s of %s", change, story).contains(document.path("lines"));
          assertThat(drafts(done))
              .as("%s of %s", change, story)
              .doesNotContain(document.path("lines"));
        }
        return;
      }
      Instant renewed = end.plusDays(1).atTime(12, 0).atZone(story.zone()).toInstant();
      done = run(story.scenario(changed, renewed));
    }
    List<JsonNode> fresh = new ArrayList<>(lines(done));
    lines(seen).forEach(fresh::remove);
    assertThat(promised.stream().map(document -> document.path("lines")))
        .as("%s of %s", change, story)
        .containsAll(fresh);
    for (JsonNode document : promised) {
      assertThat(lines(done)).as("%s of %s", change, story).contains(document.path("lines"));
    }
  }

  @Property(tries = 6, shrinking = ShrinkingMode.OFF)
  void upcomingInvoice_afterAnyCommands_isWhatIsThenBilled(@ForAll("stories") Story story) {
    List<Step> steps = new ArrayList<>(story.steps());
    LocalDateTime at =
        LocalDateTime.ofInstant(steps.getLast().at(), story.zone()).plusDays(2).withHour(9);
    steps.add(story.step(at, new Action.Preview(new Action.Look())));
    JsonNode seen = run(story.scenario(steps, at.atZone(story.zone()).toInstant()));
    JsonNode subscription = seen.path("subscription");
    if (!subscription.path("state").asText().equals("active")) {
      return;
    }
    String next =
        Stream.of("end", "cancel-at")
            .map(key -> subscription.path(key).asText())
            .filter(day -> !day.isEmpty())
            .min(Comparator.naturalOrder())
            .orElseThrow();
    LocalDateTime after = LocalDate.parse(next).plusDays(1).atTime(12, 0);
    JsonNode done = run(story.scenario(steps, after.atZone(story.zone()).toInstant()));
    if (done.path("subscription").path("state").asText().equals("terminated")) {
      return; // Nobody paid, and its end came first.
    }
    List<JsonNode> fresh = new ArrayList<>(lines(done));
    lines(seen).forEach(fresh::remove);
    List<JsonNode> promised = new ArrayList<>();
    seen.path("preview").forEach(document -> promised.add(document.path("lines")));
    // What waited for it as a draft may stand on it alone, and is not fresh then.
    assertThat(promised).as("%s", story).containsAll(fresh);
    assertThat(lines(done)).as("%s", story).containsAll(promised);
  }

  private static List<JsonNode> lines(JsonNode tenant) {
    List<JsonNode> lines = new ArrayList<>();
    tenant.path("invoices").forEach(document -> lines.add(document.path("lines")));
    tenant.path("credit-notes").forEach(document -> lines.add(document.path("lines")));
    return lines;
  }

  /** The lines of the invoices that are drafts. */
  private static List<JsonNode> drafts(JsonNode tenant) {
    return list(tenant.path("invoices")).stream()
        .filter(document -> document.path("status").asText().equals("draft"))
        .map(document -> document.path("lines"))
        .toList();
  }

  private static List<JsonNode> list(JsonNode array) {
    List<JsonNode> list = new ArrayList<>();
    array.forEach(list::add);
    return list;
  }

  /** What came of it; refusals are part of a story, failures are not. */
  private static JsonNode run(Scenario scenario) {
    ScenarioResult result = Objects.requireNonNull(runner).run(scenario);
    assertThat(result.failures()).allMatch(failure -> failure.startsWith("was refused with 4"));
    ObjectNode tenant = (ObjectNode) result.tenants().get("t");
    return Objects.requireNonNull(tenant);
  }

  private static TestDatabase database() {
    return Objects.requireNonNull(db);
  }
}
