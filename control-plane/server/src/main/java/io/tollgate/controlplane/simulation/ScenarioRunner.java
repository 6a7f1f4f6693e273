package io.tollgate.controlplane.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import io.tollgate.controlplane.catalog.Catalogs;
import io.tollgate.controlplane.catalog.Cycle;
import io.tollgate.controlplane.database.Database;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.dunning.Dunning;
import io.tollgate.controlplane.invoice.Billing;
import io.tollgate.controlplane.invoice.DocumentKind;
import io.tollgate.controlplane.invoice.Invoice;
import io.tollgate.controlplane.invoice.InvoiceDetails;
import io.tollgate.controlplane.invoice.InvoiceRoom;
import io.tollgate.controlplane.invoice.Payment;
import io.tollgate.controlplane.simulation.Scenario.Buyer;
import io.tollgate.controlplane.simulation.Scenario.Step;
import io.tollgate.controlplane.subscription.Order;
import io.tollgate.controlplane.subscription.ScheduledChange;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.SubscriptionItem;
import io.tollgate.controlplane.subscription.Subscriptions;
import io.tollgate.controlplane.tenant.BillingDetails;
import io.tollgate.controlplane.tenant.Tenant;
import io.tollgate.controlplane.tenant.Tenants;
import io.tollgate.controlplane.time.TestClocks;
import io.tollgate.controlplane.usage.Usage;
import io.tollgate.controlplane.usage.UsageEvent;
import io.tollgate.controlplane.web.Problem;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.joda.money.Money;

/**
 * Runs scenarios on a test clock, through the same rooms that serve live tenants. One runner runs
 * any number of scenarios in its scratch database, one after the other.
 */
public final class ScenarioRunner {
  private static final String ACTOR = "scenario";

  private final Rooms rooms;
  private int runs;

  /** The rooms a scenario goes through. */
  public record Rooms(
      Database database,
      Catalogs catalogs,
      Tenants tenants,
      TestClocks testClocks,
      Subscriptions subscriptions,
      Usage usage,
      InvoiceRoom invoices,
      Dunning dunning) {}

  /** A runner on these rooms. */
  public ScenarioRunner(Rooms rooms) {
    this.rooms = rooms;
  }

  /** Runs one scenario. */
  public ScenarioResult run(Scenario scenario) {
    runs++;
    return new Run(scenario, "s" + runs + "-").run();
  }

  /** One scenario on its way. */
  private final class Run {
    private final Scenario scenario;
    private final String prefix;
    private final List<String> failures = new ArrayList<>();
    private String catalog = "";
    private String clock = "";
    private int references;

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
                catalog =
                    rooms
                        .catalogs()
                        .apply(tx, ACTOR, scenario.catalogFile(), scenario.catalog())
                        .name();
                clock = rooms.testClocks().create(tx, scenario.name(), start).id();
                scenario.tenants().forEach(buyer -> add(tx, buyer, start));
                return true;
              });
      for (Step step : scenario.steps()) {
        rooms.testClocks().advance(clock, step.at());
        take(step);
        failures.addAll(Expectations.failures(step.expected(), tenants()));
      }
      if (scenario.until().isAfter(scenario.steps().getLast().at())) {
        rooms.testClocks().advance(clock, scenario.until());
      }
      Map<String, JsonNode> tenants = tenants();
      failures.addAll(Expectations.failures(scenario.expected(), tenants));
      return new ScenarioResult(
          scenario.name(), scenario.file(), failures.isEmpty(), failures, tenants);
    }

    private void add(Transaction tx, Buyer buyer, Instant now) {
      BillingDetails billing =
          new BillingDetails(
              buyer.id(),
              List.of(),
              buyer.country(),
              buyer.region(),
              "",
              "",
              "",
              "",
              false,
              "",
              Locale.ENGLISH);
      rooms
          .tenants()
          .create(
              tx,
              ACTOR,
              new Tenant(
                  prefix + buyer.id(),
                  buyer.id(),
                  buyer.zone(),
                  buyer.currency(),
                  billing,
                  clock,
                  1,
                  now,
                  null));
    }

    private void take(Step step) {
      Integer refused = step.refused();
      try {
        rooms
            .database()
            .inTransaction(
                tx -> {
                  act(tx, step);
                  return true;
                });
        if (refused != null) {
          failures.add(step.place().apply("was to be refused with " + refused + ", but was done"));
        }
      } catch (Problem problem) {
        if (refused == null || refused != problem.status()) {
          failures.add(
              step.place()
                  .apply("was refused with " + problem.status() + ": " + problem.getMessage()));
        }
      }
    }

    private void act(Transaction tx, Step step) {
      String tenant = prefix + step.tenant();
      Subscriptions subscriptions = rooms.subscriptions();
      switch (step.action()) {
        case Action.Subscribe a ->
            subscriptions.start(tx, ACTOR, order(tenant, step, a), a.coupons());
        case Action.Change a -> {
          Subscription of = subscription(tx, tenant);
          subscriptions.change(tx, ACTOR, of.id(), toPlan(of, step, a), a.when());
        }
        case Action.AddOn a ->
            subscriptions.change(
                tx,
                ACTOR,
                subscription(tx, tenant).id(),
                new ScheduledChange.Change.ToAddOn(a.addOn(), a.quantity()),
                a.when());
        case Action.Pause a ->
            subscriptions.pause(tx, ACTOR, subscription(tx, tenant).id(), a.until());
        case Action.Resume a -> subscriptions.resume(tx, ACTOR, subscription(tx, tenant).id());
        case Action.Cancel a ->
            subscriptions.cancel(tx, ACTOR, subscription(tx, tenant).id(), a.when(), a.refund());
        case Action.UndoCancel a ->
            subscriptions.undoCancel(tx, ACTOR, subscription(tx, tenant).id());
        case Action.Reactivate a ->
            subscriptions.reactivate(tx, ACTOR, subscription(tx, tenant).id());
        case Action.Use a -> use(tx, tenant, a);
        case Action.Charge a -> charge(tx, subscription(tx, tenant), step.at(), a);
        case Action.Pay a -> pay(tx, tenant, step.at(), a);
        case Action.Credit a -> credit(tx, tenant, step.at(), a);
        case Action.Look a -> {}
      }
    }

    private Order order(String tenant, Step step, Action.Subscribe a) {
      Buyer buyer =
          scenario.tenants().stream()
              .filter(one -> one.id().equals(step.tenant()))
              .findFirst()
              .orElseThrow();
      return new Order(
          tenant,
          catalog,
          a.plan(),
          a.quantity(),
          a.currency() == null ? buyer.currency() : a.currency(),
          a.cycle() == null ? Cycle.MONTHLY : a.cycle(),
          buyer.zone(),
          step.at(),
          a.trialDays(),
          false,
          a.price(),
          a.addOns());
    }

    private ScheduledChange.Change toPlan(Subscription of, Step step, Action.Change a) {
      Optional<SubscriptionItem> present = of.planAt(step.at());
      String plan = a.plan() == null ? present.map(SubscriptionItem::key).orElse("") : a.plan();
      int quantity =
          a.quantity() == null ? present.map(SubscriptionItem::quantity).orElse(1) : a.quantity();
      return new ScheduledChange.Change.ToPlan(
          plan, quantity, a.cycle() == null ? of.cycle() : a.cycle(), a.price());
    }

    private Subscription subscription(Transaction tx, String tenant) {
      List<Subscription> all = rooms.subscriptions().of(tx, tenant);
      if (all.isEmpty()) {
        throw Problem.notFound("subscription of", tenant);
      }
      return all.getLast();
    }

    private void use(Transaction tx, String tenant, Action.Use a) {
      List<UsageEvent> events = new ArrayList<>();
      a.units()
          .forEach((meter, units) -> events.add(new UsageEvent(tenant, meter, units, null, null)));
      rooms.usage().record(tx, events);
    }

    private void charge(Transaction tx, Subscription of, Instant at, Action.Charge a) {
      Billing billing = rooms.invoices().billing();
      billing.charge(tx, of, a.description(), a.quantity(), a.unitPrice(), at);
    }

    private void pay(Transaction tx, String tenant, Instant at, Action.Pay a) {
      BigDecimal left = a.amount();
      for (Invoice invoice : rooms.invoices().invoices().open(tx, tenant)) {
        Money amount = left == null ? invoice.amountDue() : Money.of(invoice.currency(), left);
        references++;
        rooms
            .invoices()
            .invoices()
            .pay(tx, new Payment(invoice.id(), amount, prefix + references, at));
        if (left != null) {
          return;
        }
      }
    }

    private void credit(Transaction tx, String tenant, Instant at, Action.Credit a) {
      Invoice last =
          details(tx, tenant).stream()
              .map(InvoiceDetails::invoice)
              .filter(invoice -> invoice.kind() == DocumentKind.INVOICE)
              .reduce((first, second) -> second)
              .orElseThrow(() -> Problem.notFound("invoice of", tenant));
      try {
        rooms
            .invoices()
            .invoices()
            .credit(tx, last.id(), Money.of(last.currency(), a.amount()), a.reason(), at);
      } catch (IllegalArgumentException e) {
        throw Problem.invalid("amount", String.valueOf(e.getMessage()));
      }
    }

    private List<InvoiceDetails> details(Transaction tx, String tenant) {
      return rooms.invoices().invoices().all(tx, tenant);
    }

    private Map<String, JsonNode> tenants() {
      return rooms
          .database()
          .inTransaction(
              tx -> {
                Map<String, JsonNode> tenants = new LinkedHashMap<>();
                for (Buyer buyer : scenario.tenants()) {
                  String id = prefix + buyer.id();
                  tenants.put(
                      buyer.id(),
                      TenantResult.of(
                          buyer.zone(),
                          rooms
                              .dunning()
                              .standing(tx, id)
                              .standing()
                              .state()
                              .name()
                              .toLowerCase(Locale.ROOT)
                              .replace('_', '-'),
                          rooms.invoices().invoices().balance(tx, id, buyer.currency()),
                          rooms.subscriptions().of(tx, id),
                          details(tx, id)));
                }
                return tenants;
              });
    }
  }
}
