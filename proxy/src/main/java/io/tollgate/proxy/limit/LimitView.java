package io.tollgate.proxy.limit;

import io.tollgate.contract.LimitOrigin;
import io.tollgate.proxy.limit.cell.Kind;
import java.util.List;

/**
 * One counter of a tenant as this node knows it now: what explains an admission or a refusal.
 *
 * @param limit the limit's name
 * @param counter the scope's counter; empty for the tenant
 * @param kind the kind of limit
 * @param size units: a quota's amount, a bucket's burst, the permits
 * @param windowSeconds how long a window or a bucket's period lasts; 0 for none
 * @param leased units this node may spend without asking
 * @param leaseSeconds how long that lease still holds; 0 for no lease
 * @param remaining units left in the cell within the limit, when it last answered
 * @param over whether the present lease is beyond the limit, by its policy
 * @param refusing whether the cell had nothing left and is not asked again yet
 * @param resetSeconds until the window ends or the bucket is full; -1 for never or not known
 * @param shadow whether the limit only says what it would do
 * @param hard whether it refuses when it is spent
 * @param rooted whether its units come in blocks from the control plane
 * @param origin who had the last say: {@code plan:KEY}, {@code addon:KEY} or {@code override:ID}
 * @param steps from which plan, add-on or override each part came, in their order
 */
public record LimitView(
    String limit,
    String counter,
    Kind kind,
    long size,
    long windowSeconds,
    long leased,
    long leaseSeconds,
    long remaining,
    boolean over,
    boolean refusing,
    long resetSeconds,
    boolean shadow,
    boolean hard,
    boolean rooted,
    String origin,
    List<LimitOrigin.Step> steps) {
  public LimitView {
    steps = List.copyOf(steps);
  }

  static LimitView of(CompiledLimit limit, Counter counter, LimitSet set, long now) {
    long leaseLeft = counter.leaseLeft(now);
    return new LimitView(
        limit.definition().limit(),
        counter.name.counter(),
        limit.definition().kind(),
        limit.definition().size(),
        limit.windowSeconds(),
        counter.available(),
        seconds(leaseLeft),
        counter.remaining(),
        leaseLeft > 0 && counter.isOver(),
        counter.refuses(Long.MAX_VALUE, now),
        counter.resetAt() == -1 ? -1 : seconds(counter.resetAt() - now),
        limit.whenOver() == Outcome.SHADOW_DENIED,
        !limit.definition().beyond(),
        limit.definition().rooted(),
        limit.origin(),
        set.entitlements.stepsOf(limit.definition().limit()));
  }

  private static long seconds(long nanos) {
    return Math.max(0, (nanos + 999_999_999L) / 1_000_000_000L);
  }
}
