package io.tollgate.controlplane.discount;

import io.tollgate.contract.Recurrence;
import io.tollgate.controlplane.audit.Audit;
import io.tollgate.controlplane.catalog.Billed;
import io.tollgate.controlplane.catalog.CatalogVersion;
import io.tollgate.controlplane.catalog.Catalogs;
import io.tollgate.controlplane.catalog.Coupon;
import io.tollgate.controlplane.database.Ids;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.discount.RedemptionStore.Pause;
import io.tollgate.controlplane.discount.RedemptionStore.Stored;
import io.tollgate.controlplane.subscription.Command;
import io.tollgate.controlplane.subscription.Coupons;
import io.tollgate.controlplane.subscription.Revision;
import io.tollgate.controlplane.subscription.RevisionListener;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.SubscriptionState;
import io.tollgate.controlplane.subscription.Subscriptions;
import io.tollgate.controlplane.time.TenantClocks;
import io.tollgate.controlplane.web.Call;
import io.tollgate.controlplane.web.JsonFields;
import io.tollgate.controlplane.web.Page;
import io.tollgate.controlplane.web.Problem;
import io.tollgate.controlplane.web.Reply;
import io.tollgate.controlplane.web.Role;
import io.tollgate.controlplane.web.Room;
import io.tollgate.controlplane.web.Routes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Who redeemed which coupon, and which hold for a bill. As a listener it prolongs redemptions by
 * the pauses of their subscriptions, so that a pause costs nobody a discounted period; it must be
 * added before the room that bills. Thread-safe.
 */
public final class Redemptions implements Room, Coupons, RevisionListener {
  private static final String PATH = "/api/billing/subscriptions/{id}/coupons";

  private final Parts parts;

  /** What this room is built on. */
  public record Parts(
      Catalogs catalogs, Subscriptions subscriptions, TenantClocks clocks, Audit audit, Ids ids) {}

  /** Redemptions on these parts. */
  public Redemptions(Parts parts) {
    this.parts = parts;
  }

  @Override
  public void redeem(Transaction tx, Subscription subscription, List<String> codes) {
    for (String code : codes) {
      Instant start = subscription.current().start();
      redeem(tx, new Request("system", subscription, code, start, true));
    }
  }

  /**
   * Redeems a coupon for a subscription.
   *
   * @throws Problem 409 for an ended subscription, 422 naming {@code code} for a coupon that is
   *     unknown, expired, used up, for other plans, redeemed before, or alone beside another
   */
  public Redemption redeem(Transaction tx, String actor, Subscription subscription, String code) {
    Instant now = parts.clocks().now(tx, subscription.tenant());
    Instant start = subscription.current().start();
    return redeem(
        tx, new Request(actor, subscription, code, start.isAfter(now) ? start : now, false));
  }

  /** A wish to redeem; with an order, the present period's invoice is yet to be made. */
  private record Request(
      String actor, Subscription subscription, String code, Instant from, boolean withOrder) {}

  private Redemption redeem(Transaction tx, Request request) {
    Subscription subscription = request.subscription();
    String code = request.code();
    CatalogVersion catalog = parts.catalogs().newest(tx, subscription.catalog()).orElseThrow();
    Coupon coupon =
        catalog.catalog().coupon(code).orElseThrow(() -> invalid(code, "there is no such coupon"));
    Instant now = parts.clocks().now(tx, subscription.tenant());
    check(tx, request, coupon, now);
    if (coupon.redemptions() != null
        && RedemptionStore.count(tx, catalog.name(), coupon.code()) > coupon.redemptions()) {
      throw invalid(code, "has been redeemed " + coupon.redemptions() + " times, which is all");
    }
    Stored stored =
        new Stored(
            parts.ids().next("cpn"),
            subscription.tenant(),
            subscription.id(),
            catalog.name(),
            catalog.version(),
            coupon.code(),
            request.from(),
            until(tx, request, coupon));
    RedemptionStore.insert(tx, stored);
    parts
        .audit()
        .record(
            tx,
            request.actor(),
            "coupon.redeem",
            stored.id(),
            stored.tenant(),
            Map.of("code", coupon.code(), "subscription", subscription.id()));
    return redemption(stored, coupon);
  }

  private void check(Transaction tx, Request request, Coupon coupon, Instant now) {
    Subscription subscription = request.subscription();
    if (subscription.state().isOver()) {
      throw Subscriptions.conflict(
          subscription,
          "it is " + subscription.state().word() + "; a coupon can be redeemed until it ends");
    }
    if (coupon.expires() != null && !now.isBefore(coupon.expires())) {
      throw invalid(coupon.code(), "expired at " + coupon.expires());
    }
    if (!fits(coupon, subscription, request.from())) {
      throw invalid(coupon.code(), "is for the plans " + coupon.plans().stream().sorted().toList());
    }
    if (coupon.percent() == null && !coupon.amounts().containsKey(subscription.currency())) {
      throw invalid(coupon.code(), "has no amount in " + subscription.currency().getCode());
    }
    if (RedemptionStore.wasRedeemed(tx, subscription.id(), coupon.code())) {
      throw invalid(coupon.code(), "was redeemed for this subscription before");
    }
    List<Redemption> others =
        of(tx, subscription.id()).stream().filter(other -> other.holdsAt(now)).toList();
    if (others.stream().anyMatch(other -> coupon.alone() || other.coupon().alone())) {
      throw invalid(coupon.code(), "cannot stand beside " + others.getFirst().coupon().code());
    }
  }

  /**
   * As many periods' invoices on from the one that is made next, or has just been. A plan billed in
   * arrears has its first at the end of its first period.
   */
  private @Nullable Instant until(Transaction tx, Request request, Coupon coupon) {
    if (coupon.periods() == null) {
      return null;
    }
    Subscription subscription = request.subscription();
    boolean unbilled =
        request.withOrder() && subscription.state() instanceof SubscriptionState.Active;
    boolean pendingWithoutTrial =
        subscription.state() instanceof SubscriptionState.Pending pending && !pending.trial();
    boolean atItsStart = unbilled || pendingWithoutTrial;
    boolean yetToBegin =
        atItsStart
            || subscription.state() instanceof SubscriptionState.Pending
            || subscription.state() instanceof SubscriptionState.Trial;
    Instant first = atItsStart ? subscription.current().start() : subscription.current().end();
    long later = yetToBegin && isInArrears(tx, subscription) ? 1 : 0;
    Recurrence rule = subscription.recurrence();
    return rule.start(rule.indexAt(first) + coupon.periods() + later);
  }

  private boolean isInArrears(Transaction tx, Subscription subscription) {
    Instant start = subscription.current().start();
    return subscription
        .planAt(start)
        .flatMap(
            item ->
                parts
                    .catalogs()
                    .version(tx, subscription.catalog(), subscription.version())
                    .catalog()
                    .plan(item.key()))
        .filter(plan -> plan.billed() == Billed.IN_ARREARS)
        .isPresent();
  }

  /** What a subscription has redeemed and not given up, oldest first. */
  public List<Redemption> of(Transaction tx, String subscription) {
    return RedemptionStore.of(tx, List.of(subscription)).stream()
        .map(stored -> redemption(stored, coupon(tx, stored)))
        .toList();
  }

  /**
   * The coupons that lower the bill of each step, by subscription id; one query for all.
   * Subscriptions without any are missing.
   */
  public Map<String, List<Coupon>> holding(Transaction tx, List<Revision> revisions) {
    Map<String, Revision> bySubscription = new HashMap<>();
    revisions.forEach(revision -> bySubscription.put(revision.after().id(), revision));
    Map<String, List<Coupon>> coupons = new LinkedHashMap<>();
    for (Stored stored : RedemptionStore.of(tx, bySubscription.keySet())) {
      Revision revision = Objects.requireNonNull(bySubscription.get(stored.subscription()));
      Coupon coupon = coupon(tx, stored);
      if (redemption(stored, coupon).holdsAt(revision.at())
          && fits(coupon, revision.after(), revision.at())) {
        coupons.computeIfAbsent(stored.subscription(), id -> new ArrayList<>()).add(coupon);
      }
    }
    return coupons;
  }

  /** Takes a coupon back; invoices already made keep it. */
  public void end(Transaction tx, String actor, Subscription subscription, String code) {
    Instant now = parts.clocks().now(tx, subscription.tenant());
    String upper = code.strip().toUpperCase(Locale.ROOT);
    if (RedemptionStore.end(tx, subscription.id(), upper, now) == 0) {
      throw Problem.notFound("coupon in use", code);
    }
    parts
        .audit()
        .record(
            tx,
            actor,
            "coupon.end",
            subscription.id(),
            subscription.tenant(),
            Map.of("code", upper));
  }

  @Override
  public void revised(Transaction tx, List<Revision> revisions) {
    List<Pause> pauses = new ArrayList<>();
    for (Revision revision : revisions) {
      Subscription before = revision.before();
      if (revision.command() == Command.RESUME
          && before != null
          && before.state() instanceof SubscriptionState.Paused paused) {
        Duration moved = Duration.between(before.current().end(), revision.after().current().end());
        pauses.add(new Pause(before.id(), paused.since(), moved.toSeconds()));
      }
    }
    RedemptionStore.prolong(tx, pauses);
  }

  private static boolean fits(Coupon coupon, Subscription subscription, Instant at) {
    return coupon.plans().isEmpty()
        || subscription.planAt(at).filter(item -> coupon.plans().contains(item.key())).isPresent();
  }

  private Coupon coupon(Transaction tx, Stored stored) {
    return parts
        .catalogs()
        .version(tx, stored.catalog(), stored.version())
        .catalog()
        .coupon(stored.code())
        .orElseThrow();
  }

  private static Redemption redemption(Stored stored, Coupon coupon) {
    return new Redemption(
        stored.id(), stored.tenant(), stored.subscription(), coupon, stored.from(), stored.until());
  }

  private static Problem invalid(String code, String detail) {
    return Problem.invalid("code", "the coupon " + code + " " + detail);
  }

  @Override
  public void mount(Routes routes) {
    routes.post(PATH, Role.STAFF, this::post);
    routes.get(
        PATH,
        Role.READERS,
        (call, tx) ->
            Reply.ok(
                new Page<>(
                    of(tx, subscription(call, tx).id()).stream().map(Redemptions::shown).toList(),
                    null)));
    routes.delete(
        PATH + "/{code}",
        Role.STAFF,
        (call, tx) -> {
          end(tx, call.principal().id(), subscription(call, tx), call.path("code"));
          return Reply.noContent();
        });
  }

  private Reply post(Call call, Transaction tx) {
    Subscription subscription = subscription(call, tx);
    JsonFields fields = call.fields();
    String code = fields.text("code");
    fields.close();
    Redemption redemption = redeem(tx, call.principal().id(), subscription, code);
    return Reply.created(
        "/api/billing/subscriptions/"
            + subscription.id()
            + "/coupons/"
            + redemption.coupon().code(),
        shown(redemption));
  }

  private Subscription subscription(Call call, Transaction tx) {
    return parts
        .subscriptions()
        .find(tx, call.path("id"))
        .orElseThrow(() -> Problem.notFound("subscription", call.path("id")));
  }

  private static Map<String, Object> shown(Redemption redemption) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("id", redemption.id());
    shown.put("code", redemption.coupon().code());
    shown.put("title", redemption.coupon().title());
    shown.put("from", redemption.from());
    shown.put("until", redemption.until());
    return shown;
  }
}
