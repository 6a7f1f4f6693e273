package io.tollgate.controlplane.simulation.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tollgate.controlplane.catalog.version.Catalogs;
import io.tollgate.controlplane.catalog.yaml.CatalogYaml;
import io.tollgate.controlplane.database.Database;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.discount.Redemptions;
import io.tollgate.controlplane.dunning.Dunning;
import io.tollgate.controlplane.entitlement.EntitlementDirectory;
import io.tollgate.controlplane.invoice.document.Documents;
import io.tollgate.controlplane.invoice.run.InvoiceRoom;
import io.tollgate.controlplane.payment.Payments;
import io.tollgate.controlplane.simulation.Reratings;
import io.tollgate.controlplane.simulation.scenario.Scenario.Buyer;
import io.tollgate.controlplane.simulation.scenario.Scenario.Expected;
import io.tollgate.controlplane.simulation.scenario.Scenario.Refusal;
import io.tollgate.controlplane.simulation.scenario.Scenario.Step;
import io.tollgate.controlplane.subscription.Subscriptions;
import io.tollgate.controlplane.tenant.Tenant;
import io.tollgate.controlplane.tenant.Tenants;
import io.tollgate.controlplane.time.Agenda;
import io.tollgate.controlplane.time.HeldClock;
import io.tollgate.controlplane.time.TestClocks;
import io.tollgate.controlplane.transfer.Transfers;
import io.tollgate.controlplane.usage.Usage;
import io.tollgate.controlplane.wallet.Wallets;
import io.tollgate.controlplane.web.Problem;
import io.tollgate.controlplane.web.Wire;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs scenarios on a test clock, through the same rooms that serve live tenants. One runner runs
 * any number of scenarios in its scratch database; each has tenants, a clock and a catalog of its
 * own, so several can run at once. Thread-safe.
 */
public final class ScenarioRunner {
  private static final Logger LOG = LoggerFactory.getLogger(ScenarioRunner.class);

  /** What a look derives and stores where it never was. */
  private static final String[] DERIVED = {"features", "limits"};

  /** How many steps a transaction takes at most. */
  private static final int TOGETHER = 64;

  private final Rooms rooms;
  private final AtomicInteger runs = new AtomicInteger();

  /** The rooms a scenario goes through. */
  public record Rooms(
      Database database,
      Catalogs catalogs,
      Tenants tenants,
      TestClocks testClocks,
      Subscriptions subscriptions,
      Usage usage,
      InvoiceRoom invoices,
      Dunning dunning,
      Redemptions redemptions,
      Wallets wallets,
      EntitlementDirectory entitlements,
      Reratings reratings,
      Transfers transfers,
      Documents documents,
      Payments payments,
      Agenda agenda) {}

  /** A runner on these rooms. */
  public ScenarioRunner(Rooms rooms) {
    this.rooms = rooms;
  }

  /** Runs one scenario and says all there is of its tenants at its end. */
  public ScenarioResult run(Scenario scenario) {
    return toRun(scenario, true).get();
  }

  /**
   * Runs one scenario when it is asked for. Its names in the database go by the order of these
   * calls, not by which of several begins first.
   *
   * @param whole whether to say all there is of its tenants at its end, or only what is expected
   */
  public Supplier<ScenarioResult> toRun(Scenario scenario, boolean whole) {
    String prefix = "s" + runs.incrementAndGet() + "-";
    return () -> new Run(scenario, prefix, whole).run();
  }

  /**
   * How far steps got in one transaction.
   *
   * @param steps how many were taken
   * @param looks whether what the last of them expects is to be looked at yet
   */
  private record Far(int steps, boolean looks) {}

  /** One scenario on its way. */
  private final class Run {
    private final Scenario scenario;
    private final boolean whole;
    private final List<String> failures = new ArrayList<>();
    private final Stage stage;
    private final Acting acting;
    private final Asides asides;

    Run(Scenario scenario, String prefix, boolean whole) {
      this.scenario = scenario;
      this.whole = whole;
      this.stage = rooms.database().inTransaction(tx -> set(tx, prefix));
      this.acting = new Acting(stage);
      this.asides = new Asides(stage);
    }

    private Stage set(Transaction tx, String prefix) {
      Instant start = scenario.steps().getFirst().at();
      String name = CatalogYaml.parse(scenario.catalogFile(), scenario.catalog()).name();
      String catalog =
          rooms
              .catalogs()
              .applyAs(tx, Stage.ACTOR, scenario.catalogFile(), scenario.catalog(), prefix + name)
              .name();
      String clock = rooms.testClocks().create(tx, scenario.name(), start).id();
      for (Buyer buyer : scenario.tenants()) {
        if (!buyer.imported()) {
          rooms.tenants().create(tx, Stage.ACTOR, tenant(buyer, prefix, clock, start));
        }
      }
      return new Stage(rooms, prefix, catalog, clock);
    }

    private static Tenant tenant(Buyer buyer, String prefix, String clock, Instant now) {
      return new Tenant(
          prefix + buyer.id(),
          buyer.id(),
          buyer.zone(),
          buyer.currency(),
          buyer.billing(),
          clock,
          1,
          now,
          null);
    }

    ScenarioResult run() {
      if (takeAll() && scenario.until().isAfter(scenario.steps().getLast().at())) {
        advanceAtOnce(scenario.until());
      }
      Map<String, JsonNode> tenants = atTheEnd();
      failures.addAll(Expectations.failures(scenario.expected(), tenants));
      failures.addAll(setAside());
      return new ScenarioResult(
          scenario.name(),
          scenario.file(),
          failures.isEmpty(),
          failures,
          scenario.notes(),
          tenants);
    }

    private Map<String, JsonNode> atTheEnd() {
      Map<String, JsonNode> tenants = new LinkedHashMap<>();
      for (Buyer buyer : scenario.tenants()) {
        List<Expected> of =
            scenario.expected().stream().filter(e -> e.tenant().equals(buyer.id())).toList();
        if (whole || !of.isEmpty()) {
          tenants.put(buyer.id(), result(buyer, whole ? Wanted.ALL : Wanted.of(of)));
        }
      }
      return tenants;
    }

    /** What failed by itself, such as a renewal, is no success of what goes on beside it. */
    private List<String> setAside() {
      return rooms
          .database()
          .inTransaction(tx -> rooms.agenda().setAside(tx, stage.clock()))
          .stream()
          .map(
              aside ->
                  stage.plain(
                      scenario.file()
                          + ": "
                          + aside.kind()
                          + " of "
                          + aside.tenant()
                          + " failed at "
                          + aside.dueAt()
                          + ": "
                          + aside.error()))
          .toList();
    }

    /** Whether every step could be tried; the first that breaks ends the scenario, and it alone. */
    private boolean takeAll() {
      List<Step> steps = scenario.steps();
      int next = 0;
      int alone = 0;
      while (next < steps.size()) {
        int past = next < alone ? next + 1 : Math.min(steps.size(), next + TOGETHER);
        Far far = takeTogether(steps.subList(next, past));
        if (far == null && past > next + 1) {
          alone = past;
          continue;
        }
        int taken = far == null ? 0 : far.steps();
        Step step = steps.get(next + Math.max(0, taken - 1));
        try {
          if (taken == 0) {
            advance(step.at());
            take(step);
          }
          if (taken == 0 || Objects.requireNonNull(far).looks()) {
            look(step);
          }
        } catch (ArithmeticException | IllegalArgumentException | IllegalStateException e) {
          failures.add(step.place().apply("ended the scenario: " + e));
          return false;
        }
        next += Math.max(1, taken);
      }
      return true;
    }

    /**
     * Takes steps as {@link #takeAll} does, in one transaction as far as that goes: an aside has
     * transactions of its own, as the work has that waits for a payment provider.
     *
     * @return null where something failed, and nothing has happened: taken one by one, and then in
     *     transactions of their own, the steps say what it was
     */
    private @Nullable Far takeTogether(List<Step> steps) {
      if (steps.getFirst().action() instanceof Action.Aside) {
        return new Far(0, false);
      }
      Stage.Mark mark = stage.mark();
      List<String> said = new ArrayList<>();
      try {
        Far far =
            rooms
                .database()
                .inTransaction(
                    tx -> {
                      stage.returnTo(mark);
                      said.clear();
                      return takeTogether(tx, steps, said);
                    });
        failures.addAll(said);
        return far;
      } catch (RuntimeException e) {
        LOG.debug("{} steps are taken by themselves: {}", steps.size(), e.toString());
        stage.returnTo(mark);
        return null;
      }
    }

    private Far takeTogether(Transaction tx, List<Step> steps, List<String> said) {
      HeldClock clock = rooms.testClocks().hold(tx, stage.clock());
      int taken = 0;
      for (Step step : steps) {
        if (step.action() instanceof Action.Aside || !clock.advance(step.at())) {
          break;
        }
        if (step.refused() == null) {
          acting.act(tx, step);
        } else {
          said.addAll(taken(step, () -> tx.attempt(() -> acting.act(tx, step))));
        }
        taken++;
        tx.endCommand();
        if (!step.expected().isEmpty()) {
          Wanted wanted = Wanted.of(step.expected());
          if (wanted.any(DERIVED) || !clock.advance(step.at())) {
            return new Far(taken, true);
          }
          JsonNode result = result(tx, buyer(step), wanted);
          said.addAll(Expectations.failures(step.expected(), Map.of(step.tenant(), result)));
        }
      }
      return new Far(taken, false);
    }

    private void advance(Instant to) {
      rooms.testClocks().advance(stage.clock(), to);
    }

    /** As {@link #advance}, in one transaction if that goes. */
    private void advanceAtOnce(Instant to) {
      try {
        if (rooms
            .database()
            .inTransaction(tx -> rooms.testClocks().hold(tx, stage.clock()).advance(to))) {
          return;
        }
      } catch (RuntimeException e) {
        LOG.debug("the clock goes instant by instant: {}", e.toString());
      }
      advance(to);
    }

    /** Holds what came against what the step expects; most steps expect nothing. */
    private void look(Step step) {
      if (!step.expected().isEmpty()) {
        // What follows from the step at once, such as an automatic top-up, has happened then.
        advance(step.at());
        JsonNode result = result(buyer(step), Wanted.of(step.expected()));
        failures.addAll(Expectations.failures(step.expected(), Map.of(step.tenant(), result)));
      }
    }

    private Buyer buyer(Step step) {
      return scenario.tenants().stream()
          .filter(buyer -> buyer.id().equals(step.tenant()))
          .findFirst()
          .orElseThrow();
    }

    private void take(Step step) {
      failures.addAll(
          taken(
              step,
              () -> {
                if (step.action() instanceof Action.Aside aside) {
                  asides
                      .take(step, aside)
                      .forEach(failure -> failures.add(step.place().apply(failure)));
                } else if (!(step.action() instanceof Action.Look)) {
                  rooms
                      .database()
                      .inTransaction(
                          tx -> {
                            acting.act(tx, step);
                            return true;
                          });
                }
              }));
    }

    /** Does a step's work; what it says where that is not refused or done as it should be. */
    private List<String> taken(Step step, Runnable work) {
      Refusal refused = step.refused();
      try {
        work.run();
        return refused == null
            ? List.of()
            : List.of(
                step.place()
                    .apply("was to be refused with " + refused.status() + ", but was done"));
      } catch (Problem problem) {
        return refused != null && refused.is(problem)
            ? List.of()
            : List.of(step.place().apply(stage.plain("was refused with " + words(problem))));
      }
    }

    /** With each mistake where the refusal names several, as that of an import does. */
    private static String words(Problem problem) {
      String errors = String.valueOf(problem.member("errors").orElse(""));
      boolean rows = errors.contains("line=");
      return problem.status() + ": " + problem.getMessage() + (rows ? " " + errors : "");
    }

    private JsonNode result(Buyer buyer, Wanted wanted) {
      // What it may do is derived where it never was.
      return wanted.any(DERIVED)
          ? rooms.database().inTransaction(tx -> result(tx, buyer, wanted))
          : rooms.database().looking(Database.EVERY_TENANT, tx -> result(tx, buyer, wanted));
    }

    private JsonNode result(Transaction tx, Buyer buyer, Wanted wanted) {
      Tenant tenant = rooms.tenants().find(tx, stage.prefix() + buyer.id()).orElse(null);
      if (tenant == null) {
        return Wire.mapper().createObjectNode();
      }
      ObjectNode result = TenantResult.of(stage, tx, tenant, buyer.id(), wanted);
      return buyer.imported() ? Wire.tree(stage.plain(result.toString())) : result;
    }
  }
}
