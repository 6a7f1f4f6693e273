package io.tollgate.controlplane.discount;

import io.tollgate.controlplane.catalog.Coupon;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.discount.RedemptionStore.Stored;
import io.tollgate.controlplane.discount.Redemptions.Carried;
import io.tollgate.controlplane.discount.Redemptions.Taken;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.web.Problem;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Coupons that another control plane kept, taken over with their subscription. */
final class CarriedCoupons {
  private CarriedCoupons() {}

  /** See {@link Redemptions#bring}. */
  static void bring(
      Transaction tx, Redemptions.Parts parts, Subscription subscription, Carried coupon) {
    Coupon offered =
        parts
            .catalogs()
            .find(tx, subscription.catalog(), coupon.version())
            .flatMap(version -> version.catalog().coupon(coupon.code()))
            .orElseThrow(() -> unknown(subscription, coupon));
    RedemptionStore.count(tx, subscription.catalog(), coupon.code());
    RedemptionStore.insert(
        tx,
        new Stored(
            parts.ids().next("cpn"),
            subscription.tenant(),
            subscription.id(),
            subscription.catalog(),
            coupon.version(),
            coupon.code(),
            from(offered, subscription.current().start(), coupon),
            coupon.until()));
    CountedPeriods.add(
        tx,
        coupon.periods().stream()
            .map(
                period ->
                    new Taken(subscription.tenant(), subscription.id(), coupon.code(), period))
            .toList());
  }

  private static Problem unknown(Subscription subscription, Carried coupon) {
    return Problem.invalid(
        "asItStands",
        subscription.catalog() + "@" + coupon.version() + " has no coupon " + coupon.code());
  }

  /**
   * An amount is granted once a period, and how much of it was granted elsewhere nobody knows here:
   * where it took something off the running period, it holds for those that begin later.
   */
  private static Instant from(Coupon offered, Instant running, Carried coupon) {
    return offered.percent() == null && coupon.periods().contains(running)
        ? running.plus(1, ChronoUnit.MICROS)
        : coupon.from();
  }
}
