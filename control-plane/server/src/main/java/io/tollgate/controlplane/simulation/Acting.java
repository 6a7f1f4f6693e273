package io.tollgate.controlplane.simulation;

import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.catalog.Cycle;
import io.tollgate.controlplane.catalog.Meter;
import io.tollgate.controlplane.catalog.Plan;
import io.tollgate.controlplane.catalog.Policies.When;
import io.tollgate.controlplane.catalog.Price;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.entitlement.EntitlementOverride;
import io.tollgate.controlplane.invoice.DocumentKind;
import io.tollgate.controlplane.invoice.Invoice;
import io.tollgate.controlplane.invoice.InvoiceDetails;
import io.tollgate.controlplane.invoice.InvoiceStateException;
import io.tollgate.controlplane.invoice.Invoices;
import io.tollgate.controlplane.invoice.Payment;
import io.tollgate.controlplane.invoice.composition.Estimate;
import io.tollgate.controlplane.money.Amounts;
import io.tollgate.controlplane.simulation.Scenario.Buyer;
import io.tollgate.controlplane.simulation.Scenario.Step;
import io.tollgate.controlplane.subscription.Order;
import io.tollgate.controlplane.subscription.Revision;
import io.tollgate.controlplane.subscription.ScheduledChange;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.SubscriptionItem;
import io.tollgate.controlplane.subscription.Subscriptions;
import io.tollgate.controlplane.tax.TaxProfile;
import io.tollgate.controlplane.usage.UsageEvent;
import io.tollgate.controlplane.wallet.Credit;
import io.tollgate.controlplane.wallet.Deposit;
import io.tollgate.controlplane.web.Problem;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/** Does what the steps of one scenario say. Not thread-safe. */
final class Acting {
  static final String ACTOR = "scenario";

  private final ScenarioRunner.Rooms rooms;
  private final String prefix;
  private final String catalog;
  private final Map<String, String> named = new HashMap<>();
  private final Map<String, List<InvoiceDetails>> previews = new HashMap<>();
  private int references;

  /**
   * What one scenario does.
   *
   * @param prefix before every tenant's id, so that scenarios share a database
   * @param catalog name of the scenario's catalog
   */
  Acting(ScenarioRunner.Rooms rooms, String prefix, String catalog) {
    this.rooms = rooms;
    this.prefix = prefix;
    this.catalog = catalog;
  }

  /** What the last preview for a tenant said; empty where there was none. */
  List<InvoiceDetails> preview(String tenant) {
    return previews.getOrDefault(tenant, List.of());
  }

  /** Does a step; a refusal is a {@link Problem}. */
  void act(Transaction tx, Step step, Buyer buyer) {
    try {
      take(tx, step, buyer);
    } catch (InvoiceStateException e) {
      throw e.problem();
    }
  }

  private void take(Transaction tx, Step step, Buyer buyer) {
    String tenant = prefix + step.tenant();
    switch (step.action()) {
      case Action.Subscribe a -> subscribe(tx, step, buyer, a);
      case Action.Change a -> change(tx, step, a);
      case Action.AddOn a -> change(tx, step, a);
      case Action.Preview a -> preview(tx, step, buyer, a.of());
      case Action.Estimated a -> estimate(tx, step, buyer, a);
      case Action.Migrate a -> change(tx, step, a);
      case Action.Unschedule a -> unschedule(tx, of(tx, step));
      case Action.Pause a -> subscriptions().pause(tx, ACTOR, of(tx, step).id(), a.until());
      case Action.Resume a -> subscriptions().resume(tx, ACTOR, of(tx, step).id());
      case Action.Cancel a -> subscriptions().cancel(tx, ACTOR, of(tx, step).id(), a.how());
      case Action.UndoCancel a -> subscriptions().undoCancel(tx, ACTOR, of(tx, step).id());
      case Action.Reactivate a -> subscriptions().reactivate(tx, ACTOR, of(tx, step).id());
      case Action.Coupon a -> coupon(tx, of(tx, step), a);
      case Action.Use a -> use(tx, tenant, a);
      case Action.Charge a -> charge(tx, step, a);
      case Action.Pay a -> pay(tx, tenant, step, a);
      case Action.Credit a -> credit(tx, tenant, step, a);
      case Action.Withdraw a ->
          invoices().makeVoid(tx, last(tx, tenant).id(), a.reason(), step.at());
      case Action.Refund a -> refund(tx, tenant, buyer, step, a);
      case Action.Grant a -> grant(tx, tenant, a);
      case Action.TopUp a -> topUp(tx, tenant, a);
      case Action.SetWallet a ->
          rooms
              .wallets()
              .configure(tx, ACTOR, rooms.wallets().open(tx, tenant, a.asset()).id(), a.settings());
      case Action.SetEntitlement a ->
          rooms
              .entitlements()
              .add(
                  tx,
                  ACTOR,
                  new EntitlementOverride(
                      "ovr_" + reference(), tenant, a.value(), ACTOR, step.at(), a.expires()));
      case Action.Apply a -> rooms.catalogs().applyAs(tx, ACTOR, a.file(), a.catalog(), catalog);
      case Action.Aside a ->
          throw new IllegalArgumentException("needs transactions of its own: " + a);
      case Action.Look a -> {}
    }
  }

  private Subscriptions subscriptions() {
    return rooms.subscriptions();
  }

  private Invoices invoices() {
    return rooms.invoices().invoices();
  }

  private void subscribe(Transaction tx, Step step, Buyer buyer, Action.Subscribe a) {
    Revision begun = subscriptions().start(tx, ACTOR, order(tx, step, buyer, a), a.coupons());
    if (a.as() != null) {
      named.put(step.tenant() + " " + a.as(), begun.after().id());
    }
  }

  private Order order(Transaction tx, Step step, Buyer buyer, Action.Subscribe a) {
    CurrencyUnit currency = a.currency() == null ? buyer.currency() : a.currency();
    return new Order(
        prefix + buyer.id(),
        catalog,
        a.plan(),
        a.quantity(),
        currency,
        a.cycle() == null ? cycle(tx, a.plan(), currency) : a.cycle(),
        buyer.zone(),
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
        rooms.catalogs().newest(tx, catalog).orElseThrow().catalog().plan(plan).stream()
            .flatMap(sold -> sold.prices().stream())
            .filter(price -> price.currency().equals(currency))
            .map(Price::cycle)
            .collect(Collectors.toSet());
    return cycles.size() == 1 ? cycles.iterator().next() : Cycle.MONTHLY;
  }

  private void change(Transaction tx, Step step, Action action) {
    Subscription of = of(tx, step);
    Wish wish = wish(of, step, action);
    subscriptions().change(tx, ACTOR, of.id(), wish.change(), wish.when());
  }

  private void preview(Transaction tx, Step step, Buyer buyer, Action action) {
    Revision revision = previewed(tx, step, buyer, action);
    Subscription before = revision.before() == null ? revision.after() : revision.before();
    previews.put(step.tenant(), rooms.invoices().outlook().of(tx, before, revision).invoices());
  }

  private Revision previewed(Transaction tx, Step step, Buyer buyer, Action action) {
    if (action instanceof Action.Subscribe a) {
      return subscriptions().previewStart(tx, order(tx, step, buyer, a));
    }
    Subscription of = of(tx, step);
    if (action instanceof Action.Cancel a) {
      return subscriptions().previewCancel(tx, of, a.how());
    }
    Wish wish = wish(of, step, action);
    return subscriptions().previewChange(tx, of, wish.change(), wish.when());
  }

  /** What {@code GET /pricing/estimate} says, for the tenant's place and tax profile. */
  private void estimate(Transaction tx, Step step, Buyer buyer, Action.Estimated a) {
    Catalog sold = rooms.catalogs().newest(tx, catalog).orElseThrow().catalog();
    CurrencyUnit currency = a.currency() == null ? buyer.currency() : a.currency();
    Cycle cycle = a.cycle() == null ? cycle(tx, a.plan(), currency) : a.cycle();
    Plan plan =
        sold.plan(a.plan())
            .orElseThrow(() -> Problem.invalid("plan", "there is no plan '" + a.plan() + "'"));
    Estimate asked =
        new Estimate(sold, plan, currency, cycle, a.quantity(), a.addOns(), a.units()).sold();
    TaxProfile own = TaxProfile.of(buyer.billing());
    boolean nowhere = own.country().isEmpty();
    TaxProfile profile =
        new TaxProfile(
            nowhere ? sold.seller().country() : own.country(),
            nowhere ? sold.seller().region() : own.region(),
            own.taxNumber(),
            own.exemption(),
            own.reverseCharge(),
            own.place());
    InvoiceDetails estimated = rooms.invoices().estimate(asked, profile, step.at());
    previews.put(step.tenant(), estimated == null ? List.of() : List.of(estimated));
  }

  private record Wish(ScheduledChange.Change change, @Nullable When when) {}

  private static Wish wish(Subscription of, Step step, Action action) {
    return switch (action) {
      case Action.Change a -> new Wish(toPlan(of, step, a), a.when());
      case Action.AddOn a ->
          new Wish(new ScheduledChange.Change.ToAddOn(a.addOn(), a.quantity()), a.when());
      case Action.Migrate a -> new Wish(new ScheduledChange.Change.ToVersion(), a.when());
      case Action other -> throw new IllegalArgumentException("no change: " + other);
    };
  }

  private static ScheduledChange.Change toPlan(Subscription of, Step step, Action.Change a) {
    Optional<SubscriptionItem> present = of.planAt(step.at());
    String plan = a.plan() == null ? present.map(SubscriptionItem::key).orElse("") : a.plan();
    int quantity =
        a.quantity() == null ? present.map(SubscriptionItem::quantity).orElse(1) : a.quantity();
    boolean samePlan = present.filter(item -> item.key().equals(plan)).isPresent();
    BigDecimal kept = samePlan ? present.map(SubscriptionItem::agreed).orElse(null) : null;
    return new ScheduledChange.Change.ToPlan(
        plan,
        quantity,
        a.cycle() == null ? of.cycle() : a.cycle(),
        a.price() == null ? kept : a.price());
  }

  private void unschedule(Transaction tx, Subscription of) {
    if (of.scheduled().isEmpty()) {
      throw Subscriptions.conflict(of, "it is " + of.state().word() + "; no change waits");
    }
    of.scheduled().forEach(change -> subscriptions().unschedule(tx, ACTOR, of.id(), change.id()));
  }

  private Subscription of(Transaction tx, Step step) {
    String tenant = prefix + step.tenant();
    String name = step.subscription();
    if (name != null) {
      return Optional.ofNullable(named.get(step.tenant() + " " + name))
          .flatMap(id -> subscriptions().find(tx, id))
          .orElseThrow(() -> Problem.notFound("subscription", name));
    }
    List<Subscription> all = subscriptions().of(tx, tenant);
    if (all.isEmpty()) {
      throw Problem.notFound("subscription of", tenant);
    }
    return all.getLast();
  }

  private void coupon(Transaction tx, Subscription of, Action.Coupon a) {
    if (a.end()) {
      rooms.redemptions().end(tx, ACTOR, of, a.code());
    } else {
      rooms.redemptions().redeem(tx, ACTOR, of, a.code());
    }
  }

  private void use(Transaction tx, String tenant, Action.Use a) {
    List<UsageEvent> events = new ArrayList<>();
    a.units()
        .forEach(
            (meter, each) ->
                each.forEach(
                    units ->
                        events.add(
                            new UsageEvent(
                                tenant, meter, counted(tx, meter, units), null, a.used()))));
    rooms.usage().record(tx, events);
  }

  /** Units as the whole number of their smallest parts, as they are counted. */
  private long counted(Transaction tx, String meter, BigDecimal units) {
    Meter known = rooms.catalogs().newest(tx, catalog).orElseThrow().catalog().meters().get(meter);
    int decimals = known == null ? 0 : known.decimals();
    try {
      return units.movePointRight(decimals).longValueExact();
    } catch (ArithmeticException e) {
      throw Problem.invalid(meter, "at most " + decimals + " decimals are counted");
    }
  }

  private void charge(Transaction tx, Step step, Action.Charge a) {
    Subscription of = of(tx, step);
    rooms
        .invoices()
        .billing()
        .charge(tx, of, a.description(), a.quantity(), a.unitPrice(), step.at());
    if (a.now()) {
      rooms.invoices().billing().billWaiting(tx, of, step.at());
    }
  }

  private void pay(Transaction tx, String tenant, Step step, Action.Pay a) {
    BigDecimal left = a.amount();
    List<Invoice> open = invoices().open(tx, tenant);
    if (open.isEmpty()) {
      throw Problem.conflict("no invoice is open; a payment needs one");
    }
    for (Invoice invoice : open) {
      Money amount = left == null ? invoice.amountDue() : money(left, invoice.currency());
      invoices().pay(tx, new Payment(invoice.id(), amount, reference(), step.at()));
      if (left != null) {
        return;
      }
    }
  }

  private void credit(Transaction tx, String tenant, Step step, Action.Credit a) {
    Invoice last = last(tx, tenant);
    Money amount = money(a.amount(), last.currency());
    try {
      invoices().credit(tx, last.id(), amount, a.reason(), step.at());
    } catch (IllegalArgumentException e) {
      throw Problem.invalid("amount", String.valueOf(e.getMessage()));
    }
  }

  private void refund(Transaction tx, String tenant, Buyer buyer, Step step, Action.Refund a) {
    Money amount = money(a.amount(), buyer.currency());
    try {
      invoices().refund(tx, tenant, amount, reference(), step.at());
    } catch (IllegalArgumentException e) {
      throw Problem.invalid("amount", String.valueOf(e.getMessage()));
    }
  }

  /** An amount that somebody pays or is paid. */
  private static Money money(BigDecimal amount, CurrencyUnit currency) {
    if (!Amounts.isInRange(amount)) {
      throw Problem.invalid("amount", Amounts.RANGE);
    }
    try {
      return Amounts.exact(amount, currency.getCode());
    } catch (IllegalArgumentException e) {
      throw Problem.invalid("amount", String.valueOf(e.getMessage()));
    }
  }

  private Invoice last(Transaction tx, String tenant) {
    return invoices().all(tx, tenant).stream()
        .map(InvoiceDetails::invoice)
        .filter(invoice -> invoice.kind() == DocumentKind.INVOICE)
        .reduce((first, second) -> second)
        .orElseThrow(() -> Problem.notFound("invoice of", tenant));
  }

  private void grant(Transaction tx, String tenant, Action.Grant a) {
    Deposit deposit =
        new Deposit(a.amount(), a.priority(), a.expires(), Credit.Source.GRANT, reference());
    rooms.wallets().deposit(tx, ACTOR, tenant, a.asset(), deposit);
  }

  private void topUp(Transaction tx, String tenant, Action.TopUp a) {
    Deposit deposit =
        new Deposit(a.amount(), a.priority(), a.expires(), Credit.Source.TOP_UP, reference());
    String wallet = rooms.wallets().open(tx, tenant, a.asset()).id();
    rooms.wallets().topUp(tx, ACTOR, wallet, deposit);
  }

  private String reference() {
    references++;
    return prefix + references;
  }
}
