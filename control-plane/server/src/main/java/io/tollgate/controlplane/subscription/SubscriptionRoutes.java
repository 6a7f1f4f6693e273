package io.tollgate.controlplane.subscription;

import io.tollgate.controlplane.catalog.CatalogVersion;
import io.tollgate.controlplane.catalog.Cycle;
import io.tollgate.controlplane.catalog.Policies.When;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.money.Amounts;
import io.tollgate.controlplane.subscription.ScheduledChange.Change;
import io.tollgate.controlplane.subscription.Subscriptions.Parts;
import io.tollgate.controlplane.web.Call;
import io.tollgate.controlplane.web.JsonFields;
import io.tollgate.controlplane.web.Page;
import io.tollgate.controlplane.web.PageRequest;
import io.tollgate.controlplane.web.Problem;
import io.tollgate.controlplane.web.Reply;
import io.tollgate.controlplane.web.Role;
import io.tollgate.controlplane.web.Routes;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.joda.money.CurrencyUnit;
import org.jspecify.annotations.Nullable;

/** Subscriptions over HTTP. */
final class SubscriptionRoutes {
  private static final String ALL = "/api/billing/subscriptions";
  private static final String ONE = ALL + "/{id}";

  private final Subscriptions subscriptions;
  private final Parts parts;

  SubscriptionRoutes(Subscriptions subscriptions, Parts parts) {
    this.subscriptions = subscriptions;
    this.parts = parts;
  }

  /** Answers a command with the subscription as it is after it. */
  private interface Step {
    Revision take(Transaction tx, String actor, String id, JsonFields fields);
  }

  void mount(Routes routes) {
    routes.post(ALL, Role.STAFF, this::start);
    routes.get(ALL, Role.READERS, this::list).paged().query("tenant", "state");
    routes.get(ONE, Role.READERS, this::get);
    routes.get(ONE + "/revisions", Role.READERS, this::revisions);
    command(routes, "/change", this::change);
    command(
        routes,
        "/trial",
        (tx, actor, id, fields) -> subscriptions.trial(tx, actor, id, TrialEnd.read(fields)));
    command(routes, "/add-ons", this::addOn);
    command(
        routes,
        "/migrate",
        (tx, actor, id, fields) ->
            subscriptions.change(tx, actor, id, new Change.ToVersion(), PlanWish.when(fields)));
    command(
        routes,
        "/cancel",
        (tx, actor, id, fields) -> subscriptions.cancel(tx, actor, id, Cancellation.read(fields)));
    command(
        routes, "/undo-cancel", (tx, actor, id, fields) -> subscriptions.undoCancel(tx, actor, id));
    command(
        routes,
        "/pause",
        (tx, actor, id, fields) -> subscriptions.pause(tx, actor, id, PauseWish.read(fields)));
    command(routes, "/resume", (tx, actor, id, fields) -> subscriptions.resume(tx, actor, id));
    command(
        routes, "/reactivate", (tx, actor, id, fields) -> subscriptions.reactivate(tx, actor, id));
    routes.delete(ONE + "/scheduled/{change}", Role.STAFF, this::unschedule);
    routes.post("/api/billing/catalogs/{name}/migrate", Role.ADMINS, this::migrateAll);
  }

  private void command(Routes routes, String path, Step step) {
    routes.post(
        ONE + path,
        Role.STAFF,
        (call, tx) -> {
          String id = call.path("id");
          mustMatch(call, tx, id);
          JsonFields fields = call.fields();
          Revision revision = step.take(tx, call.principal().id(), id, fields);
          fields.close();
          return reply(tx, revision.after());
        });
  }

  private Reply start(Call call, Transaction tx) {
    Subscription subscription = start(tx, call.principal().id(), call.fields());
    return Reply.created(ALL + "/" + subscription.id(), view(tx, subscription))
        .version(subscription.revision());
  }

  /** Starts a subscription as the API takes it. */
  Subscription start(Transaction tx, String actor, JsonFields fields) {
    Order order = order(fields, tx);
    List<String> coupons = fields.texts("coupons");
    fields.close();
    return subscriptions.start(tx, actor, order, coupons).after();
  }

  private Order order(JsonFields fields, Transaction tx) {
    String tenant = fields.text("tenant");
    Buyers.Buyer buyer =
        parts
            .buyers()
            .find(tx, tenant)
            .orElseThrow(() -> fields.wrong("tenant", "there is no tenant " + tenant));
    String plan = fields.text("plan");
    CurrencyUnit currency = currency(fields).orElse(buyer.currency());
    return new Order(
        tenant,
        fields.findText("catalog").orElseGet(() -> catalogOf(tx, plan)),
        plan,
        quantity(fields).orElse(1),
        currency,
        PlanWish.cycle(fields).orElse(Cycle.MONTHLY),
        buyer.zone(),
        fields.findInstant("startsAt").orElseGet(() -> parts.clocks().now(tx, tenant)),
        fields.findWhole("trialDays", 0, 366).map(Math::toIntExact).orElse(null),
        fields.bool("expireAfterTrial", false),
        fields.findDecimal("price").orElse(null),
        addOns(fields),
        fields.findInstant("anchor").orElse(null));
  }

  /** The one catalog whose newest version sells the plan. */
  private String catalogOf(Transaction tx, String plan) {
    List<String> names =
        parts.catalogs().newest(tx).stream()
            .filter(version -> version.catalog().plan(plan).isPresent())
            .map(CatalogVersion::name)
            .toList();
    return switch (names.size()) {
      case 0 -> throw Problem.invalid("plan", "no catalog sells a plan '" + plan + "'");
      case 1 -> names.getFirst();
      default ->
          throw Problem.invalid("catalog", "several sell '" + plan + "'; name one: " + names);
    };
  }

  private static Map<String, Integer> addOns(JsonFields fields) {
    Map<String, Integer> addOns = new LinkedHashMap<>();
    for (JsonFields each : fields.objects("addOns")) {
      addOns.merge(each.text("addOn"), quantity(each).orElse(1), Integer::sum);
      each.close();
    }
    return addOns;
  }

  private Reply list(Call call, Transaction tx) {
    PageRequest page = call.page();
    List<Subscription> found =
        SubscriptionStore.page(
            tx,
            call.tenantFilter().orElse(null),
            call.query("state").map(SubscriptionRoutes::state).orElse(null),
            page);
    Page<Subscription> shown = Page.of(found, page, Subscription::id);
    Map<String, List<String>> possible = subscriptions.possibilities().words(tx, shown.items());
    return Reply.ok(
        shown.map(each -> SubscriptionView.of(each, possible.getOrDefault(each.id(), List.of()))));
  }

  private static String state(String word) {
    if (!SubscriptionState.WORDS.contains(word)) {
      throw Problem.invalid("state", "one of " + SubscriptionState.WORDS + " is expected");
    }
    return word;
  }

  private Reply get(Call call, Transaction tx) {
    return reply(tx, find(tx, call.path("id")));
  }

  private Reply revisions(Call call, Transaction tx) {
    Subscription subscription = find(tx, call.path("id"));
    return Reply.ok(
        new Page<>(
            subscriptions.revisions(tx, subscription.id()).stream()
                .map(SubscriptionView::of)
                .toList(),
            null));
  }

  /** What is not named stays as it is; held from here on, so that it does. */
  private Revision change(Transaction tx, String actor, String id, JsonFields fields) {
    Subscription subscription = Subscriptions.locked(tx, id);
    Instant now = parts.clocks().now(tx, subscription.tenant());
    PlanWish wish = PlanWish.read(fields);
    Change.ToPlan change = wish.of(subscription, now);
    @Nullable When when = PlanWish.when(fields);
    boolean endsTrial = TrialEnd.comesWith(fields, when);
    return wish.inItsWords(
        () ->
            endsTrial
                ? subscriptions.trial(tx, actor, id, new TrialEnd(null, change))
                : subscriptions.change(tx, actor, id, change, when));
  }

  private Revision addOn(Transaction tx, String actor, String id, JsonFields fields) {
    Subscription subscription = Subscriptions.locked(tx, id);
    Instant now = parts.clocks().now(tx, subscription.tenant());
    Change change = AddOnWish.read(fields).of(subscription, now);
    return subscriptions.change(tx, actor, id, change, PlanWish.when(fields));
  }

  private Reply unschedule(Call call, Transaction tx) {
    mustMatch(call, tx, call.path("id"));
    return reply(
        tx,
        subscriptions
            .unschedule(tx, call.principal().id(), call.path("id"), call.path("change"))
            .after());
  }

  private Reply migrateAll(Call call, Transaction tx) {
    JsonFields fields = call.fields();
    @Nullable Instant notBefore = fields.findInstant("notBefore").orElse(null);
    fields.close();
    List<String> left =
        subscriptions.migrateAll(tx, call.principal().id(), call.path("name"), notBefore);
    return Reply.accepted(Map.of("left", left));
  }

  private Subscription find(Transaction tx, String id) {
    return subscriptions.find(tx, id).orElseThrow(() -> Problem.notFound("subscription", id));
  }

  /**
   * {@code If-Match} is honoured where it is sent; a command does not need it. Locks first, so that
   * of several at once one matches.
   */
  private static void mustMatch(Call call, Transaction tx, String id) {
    if (call.header("If-Match").isPresent()) {
      call.mustMatch(Subscriptions.locked(tx, id).revision());
    }
  }

  private SubscriptionView view(Transaction tx, Subscription subscription) {
    return SubscriptionView.of(subscription, subscriptions.possibilities().words(tx, subscription));
  }

  private Reply reply(Transaction tx, Subscription subscription) {
    return Reply.ok(view(tx, subscription)).version(subscription.revision());
  }

  private static Optional<Integer> quantity(JsonFields fields) {
    return fields.findWhole("quantity", 1, 1_000_000).map(Math::toIntExact);
  }

  private static Optional<CurrencyUnit> currency(JsonFields fields) {
    return fields
        .findText("currency")
        .map(
            code -> {
              try {
                return Amounts.currency(code);
              } catch (IllegalArgumentException e) {
                throw fields.wrong("currency", String.valueOf(e.getMessage()));
              }
            });
  }
}
