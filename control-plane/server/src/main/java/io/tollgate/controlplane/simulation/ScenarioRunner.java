package io.tollgate.controlplane.simulation;

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
import io.tollgate.controlplane.simulation.Scenario.Buyer;
import io.tollgate.controlplane.simulation.Scenario.Refusal;
import io.tollgate.controlplane.simulation.Scenario.Step;
import io.tollgate.controlplane.subscription.Subscriptions;
import io.tollgate.controlplane.tenant.Tenant;
import io.tollgate.controlplane.tenant.Tenants;
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
import org.jspecify.annotations.Nullable;

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
      Documents documents) {}

  /** A runner on these rooms. */
  public ScenarioRunner(Rooms rooms) {
    this.rooms = rooms;
  }

  /** Runs one scenario. */
  public ScenarioResult run(Scenario scenario) {
    return new Run(scenario, "s" + runs.incrementAndGet() + "-").run();
  }

  /** One scenario on its way. */
  private final class Run {
    private final Scenario scenario;
    private final String prefix;
    private final List<String> failures = new ArrayList<>();
    private String clock = "";
    private @Nullable Acting acting;
    private @Nullable Asides asides;

    Run(Scenario scenario, String prefix) {
      this.scenario = scenario;
      this.prefix = prefix;
    }

    ScenarioResult run() {
      Instant start = scenario.steps().getFirst().at();
      rooms
          .database()
          .inTransaction(
              tx -> {
                String catalog = catalog(tx);
                clock = rooms.testClocks().create(tx, scenario.name(), start).id();
                acting = new Acting(rooms, prefix, catalog);
                asides = new Asides(rooms, prefix, catalog, clock);
                scenario.tenants().stream()
                    .filter(buyer -> !buyer.imported())
                    .forEach(buyer -> add(tx, buyer, start));
                return true;
              });
      if (takeAll() && scenario.until().isAfter(scenario.steps().getLast().at())) {
        rooms.testClocks().advance(clock, scenario.until());
      }
      Map<String, JsonNode> tenants = tenants(scenario.tenants());
      failures.addAll(Expectations.failures(scenario.expected(), tenants));
      return new ScenarioResult(
          scenario.name(), scenario.file(), failures.isEmpty(), failures, tenants);
    }

    /** Whether every step could be tried; the first that breaks ends the scenario, and it alone. */
    private boolean takeAll() {
      for (Step step : scenario.steps()) {
        try {
          rooms.testClocks().advance(clock, step.at());
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
        rooms.testClocks().advance(clock, step.at());
        List<Buyer> of = List.of(buyer(step));
        failures.addAll(Expectations.failures(step.expected(), tenants(of)));
      }
    }

    private String catalog(Transaction tx) {
      String name = CatalogYaml.parse(scenario.catalogFile(), scenario.catalog()).name();
      return rooms
          .catalogs()
          .applyAs(tx, Acting.ACTOR, scenario.catalogFile(), scenario.catalog(), prefix + name)
          .name();
    }

    private void add(Transaction tx, Buyer buyer, Instant now) {
      rooms
          .tenants()
          .create(
              tx,
              Acting.ACTOR,
              new Tenant(
                  prefix + buyer.id(),
                  buyer.id(),
                  buyer.zone(),
                  buyer.currency(),
                  buyer.billing(),
                  clock,
                  1,
                  now,
                  null));
    }

    private Acting acting() {
      return Objects.requireNonNull(acting);
    }

    private Asides asides() {
      return Objects.requireNonNull(asides);
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
          asides().take(step, aside).forEach(failure -> failures.add(step.place().apply(failure)));
        } else {
          rooms
              .database()
              .inTransaction(
                  tx -> {
                    acting().act(tx, step, buyer(step));
                    return true;
                  });
        }
        if (refused != null) {
          failures.add(
              step.place().apply("was to be refused with " + refused.status() + ", but was done"));
        }
      } catch (Problem problem) {
        if (refused == null || !isAs(problem, refused)) {
          failures.add(
              step.place()
                  .apply(
                      ("was refused with " + problem.status() + ": " + problem.getMessage())
                          .replace(prefix, "")));
        }
      }
    }

    private static boolean isAs(Problem problem, Refusal refused) {
      return problem.status() == refused.status()
          && (refused.field() == null
              || String.valueOf(problem.member("errors").orElse(""))
                  .contains("field=" + refused.field()))
          && (refused.state() == null
              || refused
                  .state()
                  .equalsIgnoreCase(String.valueOf(problem.member("state").orElse(""))));
    }

    private Map<String, JsonNode> tenants(List<Buyer> buyers) {
      return rooms
          .database()
          .inTransaction(
              tx -> {
                Map<String, JsonNode> tenants = new LinkedHashMap<>();
                for (Buyer buyer : buyers) {
                  tenants.put(buyer.id(), result(tx, buyer));
                }
                return tenants;
              });
    }

    private JsonNode result(Transaction tx, Buyer buyer) {
      String id = prefix + buyer.id();
      if (buyer.imported() && rooms.tenants().find(tx, id).isEmpty()) {
        return Wire.mapper().createObjectNode();
      }
      ObjectNode result =
          TenantResult.of(
              new TenantResult.Facts(
                  buyer.zone(),
                  rooms.dunning().standing(tx, id).standing().state(),
                  rooms.invoices().invoices().balance(tx, id, buyer.currency()),
                  rooms.subscriptions().of(tx, id),
                  rooms.invoices().invoices().all(tx, id),
                  rooms.wallets().of(tx, id),
                  acting().preview(buyer.id()),
                  rooms.entitlements().find(tx, id).orElse(null),
                  asides().of(buyer.id())));
      return buyer.imported() ? Wire.tree(asides().plain(result.toString())) : result;
    }
  }
}
