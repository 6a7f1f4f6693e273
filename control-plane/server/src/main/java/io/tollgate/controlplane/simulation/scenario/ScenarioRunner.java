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
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs scenarios on a test clock, through the same rooms that serve live tenants. One runner runs
 * any number of scenarios in its scratch database; each has tenants, a clock and a catalog of its
 * own, so several can run at once. Thread-safe.
 */
public final class ScenarioRunner {
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
    return run(scenario, true);
  }

  /**
   * Runs one scenario.
   *
   * @param whole whether to say all there is of its tenants at its end, or only what is expected
   */
  public ScenarioResult run(Scenario scenario, boolean whole) {
    return new Run(scenario, "s" + runs.incrementAndGet() + "-", whole).run();
  }

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
        rooms.testClocks().advance(stage.clock(), scenario.until());
      }
      Map<String, JsonNode> tenants = atTheEnd();
      failures.addAll(Expectations.failures(scenario.expected(), tenants));
      failures.addAll(setAside());
      return new ScenarioResult(
          scenario.name(), scenario.file(), failures.isEmpty(), failures, tenants);
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
      for (Step step : scenario.steps()) {
        try {
          rooms.testClocks().advance(stage.clock(), step.at());
          take(step);
          look(step);
        } catch (ArithmeticException | IllegalArgumentException | IllegalStateException e) {
          failures.add(step.place().apply("ended the scenario: " + e));
          return false;
        }
      }
      return true;
    }

    /** Holds what came against what the step expects; most steps expect nothing. */
    private void look(Step step) {
      if (!step.expected().isEmpty()) {
        // What follows from the step at once, such as an automatic top-up, has happened then.
        rooms.testClocks().advance(stage.clock(), step.at());
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
      Refusal refused = step.refused();
      try {
        if (step.action() instanceof Action.Aside aside) {
          asides.take(step, aside).forEach(failure -> failures.add(step.place().apply(failure)));
        } else if (!(step.action() instanceof Action.Look)) {
          rooms
              .database()
              .inTransaction(
                  tx -> {
                    acting.act(tx, step);
                    return true;
                  });
        }
        if (refused != null) {
          failures.add(
              step.place().apply("was to be refused with " + refused.status() + ", but was done"));
        }
      } catch (Problem problem) {
        if (refused == null || !isAs(problem, refused)) {
          failures.add(step.place().apply(stage.plain("was refused with " + words(problem))));
        }
      }
    }

    /** With each mistake where the refusal names several, as that of an import does. */
    private static String words(Problem problem) {
      String errors = String.valueOf(problem.member("errors").orElse(""));
      boolean rows = errors.contains("line=");
      return problem.status() + ": " + problem.getMessage() + (rows ? " " + errors : "");
    }

    private static boolean isAs(Problem problem, Refusal refused) {
      String errors = String.valueOf(problem.member("errors").orElse(""));
      return problem.status() == refused.status()
          && (refused.field() == null
              || errors.contains("field=" + refused.field())
              || errors.contains("]." + refused.field() + ","))
          && (refused.state() == null
              || refused
                  .state()
                  .equalsIgnoreCase(String.valueOf(problem.member("state").orElse(""))));
    }

    private JsonNode result(Buyer buyer, Wanted wanted) {
      // What it may do is derived where it never was.
      return wanted.any("features", "limits")
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
