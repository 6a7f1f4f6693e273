package io.tollgate.controlplane.discount;

import io.tollgate.controlplane.audit.Audit;
import io.tollgate.controlplane.catalog.Billed;
import io.tollgate.controlplane.catalog.CatalogVersion;
import io.tollgate.controlplane.catalog.Coupon;
import io.tollgate.controlplane.catalog.version.Catalogs;
import io.tollgate.controlplane.database.Ids;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.discount.RedemptionStore.Stored;
import io.tollgate.controlplane.subscription.Coupons;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.SubscriptionItem;
import io.tollgate.controlplane.subscription.SubscriptionState;
import io.tollgate.controlplane.subscription.Subscriptions;
import io.tollgate.controlplane.time.TenantClocks;
import io.tollgate.controlplane.web.Problem;
import io.tollgate.controlplane.web.Room;
import io.tollgate.controlplane.web.Routes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Who redeemed which coupon, and which hold for a period. A coupon for some periods counts those in
 * which it took something off, so that neither a pause nor a trial, a reactivation or another cycle
 * gives or costs anybody one. Thread-safe.
 */
public final class Redemptions implements Room, Coupons {
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
    Instant start = subscription.current().start();
    for (int i = 0; i < codes.size(); i++) {
      String place = "coupons[" + i + "]";
      try {
        redeem(tx, new Request("system", subscription, codes.get(i), start, true));
      } catch (Problem refused) {
        throw refused.inside(field -> place);
      }
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

  /**
   * A wish to redeem; with an order, the present period's invoice is yet to be made.
   *
   * @param at the instant whose plan the coupon must be for
   */
  private record Request(
      String actor, Subscription subscription, String code, Instant at, boolean withOrder) {}

  private Redemption redeem(Transaction tx, Request request) {
    Subscription subscription = request.subscription();
    String code = request.code();
    CatalogVersion catalog = parts.catalogs().newest(tx, subscription.catalog()).orElseThrow();
    Coupon coupon =
        catalog.catalog().coupon(code).orElseThrow(() -> invalid(code, "is not in the catalog"));
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
            from(tx, request, now),
            null);
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
      throw parts
          .subscriptions()
          .conflict(
              tx,
              subscription,
              "it is " + subscription.state().word() + "; a coupon can be redeemed until it ends");
    }
    if (coupon.expires() != null && !now.isBefore(coupon.expires())) {
      throw invalid(coupon.code(), "expired at " + coupon.expires());
    }
    if (!fits(coupon, subscription, request.at())) {
      throw invalid(coupon.code(), "is for the plans " + coupon.plans().stream().sorted().toList());
    }
    if (coupon.percent() == null && !coupon.amounts().containsKey(subscription.currency())) {
      throw invalid(coupon.code(), "has no amount in " + subscription.currency().getCode());
    }
    if (RedemptionStore.wasRedeemed(tx, subscription.id(), coupon.code())) {
      throw invalid(coupon.code(), "was redeemed for this subscription before");
    }
    CountedPeriods used = CountedPeriods.of(tx, List.of(subscription.id()));
    List<Redemption> others =
        of(tx, subscription.id()).stream()
            .filter(other -> other.holdsAt(now) && !isUsedUp(other, used))
            .toList();
    if (others.stream().anyMatch(other -> coupon.alone() || other.coupon().alone())) {
      throw invalid(coupon.code(), "cannot stand beside " + others.getFirst().coupon().code());
    }
  }

  /**
   * From when on periods can be lowered: the present one where it is yet to be billed, with its
   * order, before it begins or in arrears; else those that begin later.
   */
  private Instant from(Transaction tx, Request request, Instant now) {
    Subscription subscription = request.subscription();
    boolean yetToBill =
        request.withOrder()
            || subscription.state() instanceof SubscriptionState.Pending
            || subscription.state() instanceof SubscriptionState.Trial
            || isInArrears(tx, subscription);
    return yetToBill ? subscription.current().start() : now;
  }

  /** Whether the present period is billed at its end, as it was begun: before migrations since. */
  private boolean isInArrears(Transaction tx, Subscription subscription) {
    Optional<SubscriptionItem> begun =
        subscription.planAt(subscription.current().start()).map(subscription::asBegun);
    return begun
        .flatMap(
            item ->
                parts
                    .catalogs()
                    .version(
                        tx,
                        subscription.catalog(),
                        Objects.requireNonNullElse(item.version(), subscription.version()))
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

  private static boolean isUsedUp(Redemption redemption, CountedPeriods used) {
    Integer periods = redemption.coupon().periods();
    return periods != null
        && used.of(redemption.subscription(), redemption.coupon().code()).size() >= periods;
  }

  /**
   * Whose period it is asked for.
   *
   * @param subscription as it stood in the period
   * @param planAt at which instant its plan decides
   */
  public record Asked(Subscription subscription, Instant planAt) {
    /** When the period began, by which it is known. */
    public Instant period() {
      return subscription.current().start();
    }
  }

  /**
   * A coupon that may take something off a period.
   *
   * @param used the periods in which it took something off
   */
  public record Holding(Coupon coupon, Set<Instant> used) {
    /** Whether it takes something off the period: one of its periods, or one more of them. */
    public boolean covers(Instant period) {
      return coupon.periods() == null || used.contains(period) || used.size() < coupon.periods();
    }

    /** The same where it took something off the period too. */
    public Holding after(Instant period) {
      Set<Instant> more = new HashSet<>(used);
      more.add(period);
      return new Holding(coupon, more);
    }
  }

  /** The coupons that may lower each of these periods, with two queries; none are missing. */
  public Map<Asked, List<Holding>> holding(Transaction tx, List<Asked> periods) {
    return holding(tx, periods, RedemptionStore.known(tx, subscriptions(periods)));
  }

  /** Asks ahead for a subscription's coupons and their periods ({@link Transaction#foresee}). */
  public void foresee(Transaction tx, String subscription) {
    RedemptionStore.foresee(tx, subscription);
  }

  /** As {@link #holding}, with those that were ended by hand since. */
  public Map<Asked, List<Holding>> held(Transaction tx, List<Asked> periods) {
    return holding(tx, periods, RedemptionStore.all(tx, subscriptions(periods)));
  }

  private static List<String> subscriptions(List<Asked> periods) {
    return periods.stream().map(asked -> asked.subscription().id()).distinct().toList();
  }

  private Map<Asked, List<Holding>> holding(
      Transaction tx, List<Asked> periods, List<Stored> those) {
    Map<String, List<Stored>> redeemed =
        those.stream().collect(Collectors.groupingBy(Stored::subscription, Collectors.toList()));
    if (redeemed.isEmpty()) {
      return Map.of();
    }
    CountedPeriods used = CountedPeriods.of(tx, redeemed.keySet());
    Map<Asked, List<Holding>> answers = new HashMap<>();
    for (Asked asked : periods) {
      String id = asked.subscription().id();
      for (Stored stored : redeemed.getOrDefault(id, List.of())) {
        Coupon coupon = coupon(tx, stored);
        if (redemption(stored, coupon).holdsAt(asked.period())
            && fits(coupon, asked.subscription(), asked.planAt())) {
          answers
              .computeIfAbsent(asked, key -> new ArrayList<>())
              .add(new Holding(coupon, used.of(id, coupon.code())));
        }
      }
    }
    return answers;
  }

  /**
   * That a coupon took something off a period.
   *
   * @param period when it began
   */
  public record Taken(String tenant, String subscription, String code, Instant period) {}

  /** Keeps in which periods coupons took something off; one that is known already is one still. */
  public void took(Transaction tx, List<Taken> taken) {
    CountedPeriods.add(tx, taken);
  }

  /**
   * A line that a coupon lowered.
   *
   * @param from when what it is for begins, in the period that counts
   */
  public record Line(String subscription, String code, Instant from) {}

  /**
   * Lets the periods of lines that are gone count no more, but those in which the coupon still
   * takes something off others.
   *
   * @param left asked when nobody else can take them: the other lines that the same coupons lower
   *     of the same subscriptions
   */
  public void gaveBack(Transaction tx, List<Line> gone, Supplier<List<Line>> left) {
    CountedPeriods.free(tx, gone, left);
  }

  /**
   * A coupon with what is left of it, as an export has it.
   *
   * @param version of the catalog under which it was redeemed
   * @param periods when those began in which it took something off
   */
  public record Carried(
      String code, int version, Instant from, @Nullable Instant until, List<Instant> periods) {}

  /** The coupons of subscriptions that were not ended, with two queries. */
  public Map<String, List<Carried>> carried(Transaction tx, Collection<String> subscriptions) {
    CountedPeriods used = CountedPeriods.of(tx, subscriptions);
    Map<String, List<Carried>> carried = new HashMap<>();
    for (Stored stored : RedemptionStore.of(tx, subscriptions)) {
      Set<Instant> periods = used.of(stored.subscription(), stored.code());
      carried
          .computeIfAbsent(stored.subscription(), id -> new ArrayList<>())
          .add(
              new Carried(
                  stored.code(),
                  stored.version(),
                  stored.from(),
                  stored.until(),
                  periods.stream().sorted().toList()));
    }
    return carried;
  }

  /**
   * Takes over a coupon with a subscription that was brought.
   *
   * @throws Problem 422 where the catalogs here have no such coupon
   */
  public void bring(Transaction tx, Subscription subscription, Carried coupon) {
    CarriedCoupons.bring(tx, parts, subscription, coupon);
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
    new RedemptionRoutes(this, parts.subscriptions()).mount(routes);
  }
}
