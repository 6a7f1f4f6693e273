package io.tollgate.controlplane.simulation.scenario;

import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.catalog.Cycle;
import io.tollgate.controlplane.catalog.Plan;
import io.tollgate.controlplane.catalog.Policies.When;
import io.tollgate.controlplane.catalog.Price;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.invoice.InvoiceDetails;
import io.tollgate.controlplane.invoice.composition.Estimate;
import io.tollgate.controlplane.simulation.scenario.Scenario.Step;
import io.tollgate.controlplane.subscription.Order;
import io.tollgate.controlplane.subscription.PlanWish;
import io.tollgate.controlplane.subscription.Revision;
import io.tollgate.controlplane.subscription.ScheduledChange;
import io.tollgate.controlplane.subscription.ScheduledChange.Change;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.Subscriptions;
import io.tollgate.controlplane.subscription.TrialEnd;
import io.tollgate.controlplane.tax.TaxProfile;
import io.tollgate.controlplane.tenant.Tenant;
import io.tollgate.controlplane.web.Problem;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.joda.money.CurrencyUnit;
import org.jspecify.annotations.Nullable;

/** Does what happens to subscriptions. Not thread-safe. */
final class SubscriptionActs {
  private final Stage stage;

  SubscriptionActs(Stage stage) {
    this.stage = stage;
  }

  void take(Transaction tx, Step step, Action.OfSubscription action) {
    switch (action) {
      case Action.Subscribe a -> subscribe(tx, step, a);
      case Action.Change a -> change(tx, step, a);
      case Action.Trial a -> change(tx, step, a);
      case Action.AddOn a -> change(tx, step, a);
      case Action.Preview a -> preview(tx, step, a.of());
      case Action.Estimated a -> estimate(tx, step, a);
      case Action.Migrate a -> change(tx, step, a);
      case Action.MigrateAll a ->
          subscriptions().migrateAll(tx, Stage.ACTOR, stage.catalog(), a.notBefore());
      case Action.Unschedule a -> unschedule(tx, stage.subscription(tx, step), a.which());
      case Action.Pause a -> subscriptions().pause(tx, Stage.ACTOR, id(tx, step), a.how());
      case Action.Resume a -> subscriptions().resume(tx, Stage.ACTOR, id(tx, step));
      case Action.Cancel a -> subscriptions().cancel(tx, Stage.ACTOR, id(tx, step), a.how());
      case Action.UndoCancel a -> subscriptions().undoCancel(tx, Stage.ACTOR, id(tx, step));
      case Action.Reactivate a -> subscriptions().reactivate(tx, Stage.ACTOR, id(tx, step));
      case Action.Coupon a -> coupon(tx, stage.subscription(tx, step), a);
    }
  }

  private String id(Transaction tx, Step step) {
    return stage.subscription(tx, step).id();
  }

  private ScenarioRunner.Rooms rooms() {
    return stage.rooms();
  }

  private Subscriptions subscriptions() {
    return rooms().subscriptions();
  }

  private Catalog sold(Transaction tx) {
    return rooms().catalogs().newest(tx, stage.catalog()).orElseThrow().catalog();
  }

  private record Wish(Change change, @Nullable When when) {}

  private void change(Transaction tx, Step step, Action action) {
    Subscription of = stage.subscription(tx, step);
    TrialEnd ends = trialEnd(of, step, action);
    if (ends != null) {
      inItsWords(action, () -> subscriptions().trial(tx, Stage.ACTOR, of.id(), ends));
      return;
    }
    Wish wish = wish(of, step, action);
    inItsWords(
        action, () -> subscriptions().change(tx, Stage.ACTOR, of.id(), wish.change(), wish.when()));
  }

  private static Revision inItsWords(Action action, Supplier<Revision> step) {
    return action instanceof Action.Change a ? plan(a).inItsWords(step) : step.get();
  }

  private void preview(Transaction tx, Step step, Action action) {
    if (action instanceof Action.Look) {
      Subscription of = stage.subscription(tx, step);
      stage.preview(step, rooms().invoices().outlook().upcoming(tx, of).invoices());
      return;
    }
    Revision revision = previewed(tx, step, action);
    Subscription before = revision.before() == null ? revision.after() : revision.before();
    stage.preview(step, rooms().invoices().outlook().of(tx, before, revision).invoices());
  }

  private void subscribe(Transaction tx, Step step, Action.Subscribe a) {
    Revision begun = subscriptions().start(tx, Stage.ACTOR, order(tx, step, a), a.coupons());
    if (a.as() != null) {
      stage.name(step, a.as(), begun.after().id());
    }
  }

  private Order order(Transaction tx, Step step, Action.Subscribe a) {
    Tenant owner = stage.owner(tx, step);
    CurrencyUnit currency = a.currency() == null ? owner.currency() : a.currency();
    return new Order(
        owner.id(),
        stage.catalog(),
        a.plan(),
        a.quantity(),
        currency,
        a.cycle() == null ? cycle(tx, a.plan(), currency) : a.cycle(),
        owner.zone(),
        a.starts() == null ? step.at() : a.starts(),
        a.trialDays(),
        a.expireAfterTrial(),
        a.price(),
        a.addOns(),
        a.anchor());
  }

  /** The one cycle a plan is sold in; monthly where there are several or none. */
  private Cycle cycle(Transaction tx, String plan, CurrencyUnit currency) {
    Set<Cycle> cycles =
        sold(tx).plan(plan).stream()
            .flatMap(sold -> sold.prices().stream())
            .filter(price -> price.currency().equals(currency))
            .map(Price::cycle)
            .collect(Collectors.toSet());
    return cycles.size() == 1 ? cycles.iterator().next() : Cycle.MONTHLY;
  }

  private Revision previewed(Transaction tx, Step step, Action action) {
    if (action instanceof Action.Subscribe a) {
      return subscriptions().previewStart(tx, order(tx, step, a));
    }
    Subscription of = stage.subscription(tx, step);
    if (action instanceof Action.Cancel a) {
      return subscriptions().previewCancel(tx, of, a.how());
    }
    TrialEnd ends = trialEnd(of, step, action);
    if (ends != null) {
      return inItsWords(action, () -> subscriptions().previewTrial(tx, of, ends));
    }
    Wish wish = wish(of, step, action);
    return inItsWords(
        action, () -> subscriptions().previewChange(tx, of, wish.change(), wish.when()));
  }

  /** What {@code GET /pricing/estimate} says, for the tenant's place and tax profile. */
  private void estimate(Transaction tx, Step step, Action.Estimated a) {
    Catalog sold = sold(tx);
    Tenant owner = stage.owner(tx, step);
    CurrencyUnit currency = a.currency() == null ? owner.currency() : a.currency();
    Cycle cycle = a.cycle() == null ? cycle(tx, a.plan(), currency) : a.cycle();
    Plan plan =
        sold.plan(a.plan())
            .orElseThrow(() -> Problem.invalid("plan", "there is no plan '" + a.plan() + "'"));
    Estimate asked =
        new Estimate(sold, plan, currency, cycle, a.quantity(), a.addOns(), a.units()).sold();
    TaxProfile own = TaxProfile.of(owner.billing());
    boolean nowhere = own.country().isEmpty();
    TaxProfile profile =
        new TaxProfile(
            nowhere ? sold.seller().country() : own.country(),
            nowhere ? sold.seller().region() : own.region(),
            own.taxNumber(),
            own.exemption(),
            own.reverseCharge(),
            own.place());
    InvoiceDetails estimated = rooms().invoices().estimate(asked, profile, step.at());
    stage.preview(step, estimated == null ? List.of() : List.of(estimated));
  }

  private static Wish wish(Subscription of, Step step, Action action) {
    return switch (action) {
      case Action.Change a -> new Wish(plan(a).of(of, step.at()), a.when());
      case Action.AddOn a -> new Wish(new Change.ToAddOn(a.addOn(), a.quantity()), a.when());
      case Action.Migrate a -> new Wish(new Change.ToVersion(), a.when());
      case Action other -> throw new IllegalArgumentException("no change: " + other);
    };
  }

  /** How a trial ends by an action; null where the action ends none. */
  private static @Nullable TrialEnd trialEnd(Subscription of, Step step, Action action) {
    if (action instanceof Action.Trial a) {
      return new TrialEnd(a.ends(), null);
    }
    return action instanceof Action.Change a && a.endsTrial()
        ? new TrialEnd(null, plan(a).of(of, step.at()))
        : null;
  }

  private static PlanWish plan(Action.Change a) {
    return new PlanWish(a.plan(), a.quantity(), a.cycle(), a.price());
  }

  private void unschedule(Transaction tx, Subscription of, Action.Waiting which) {
    List<ScheduledChange> waiting =
        of.scheduled().stream().filter(change -> isMeant(which, change.change())).toList();
    if (waiting.isEmpty()) {
      throw subscriptions()
          .conflict(
              tx,
              of,
              "it is "
                  + of.state().word()
                  + "; no "
                  + (of.scheduled().isEmpty() ? "" : "such ")
                  + "change waits");
    }
    waiting.forEach(change -> subscriptions().unschedule(tx, Stage.ACTOR, of.id(), change.id()));
  }

  private static boolean isMeant(Action.Waiting which, Change change) {
    return switch (which) {
      case Action.Waiting.All all -> true;
      case Action.Waiting.OfPlan plan -> change instanceof Change.ToPlan;
      case Action.Waiting.OfVersion version -> change instanceof Change.ToVersion;
      case Action.Waiting.OfPause pause -> change instanceof Change.ToPause;
      case Action.Waiting.OfAddOn own ->
          change instanceof Change.ToAddOn to && to.addOn().equals(own.addOn());
    };
  }

  private void coupon(Transaction tx, Subscription of, Action.Coupon a) {
    if (a.end()) {
      rooms().redemptions().end(tx, Stage.ACTOR, of, a.code());
    } else {
      rooms().redemptions().redeem(tx, Stage.ACTOR, of, a.code());
    }
  }
}
