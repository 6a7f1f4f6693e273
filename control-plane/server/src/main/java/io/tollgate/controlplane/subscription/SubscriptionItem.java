package io.tollgate.controlplane.subscription;

import io.tollgate.contract.Period;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A plan or add-on in a subscription over a stretch of time. A change ends one item and begins
 * another; ended items are kept, so that any past period can be priced again.
 *
 * @param id {@code itm_...}
 * @param kind plan or add-on
 * @param key the plan's or add-on's key in the subscription's catalog version
 * @param quantity at least 1
 * @param from first instant in force
 * @param until first instant no longer in force; null while it has no end
 * @param agreed the price agreed with this subscriber, per unit and period; null for the catalog's
 * @param version the catalog version under which it ended; null where the subscription's holds
 * @param joined the ids of ended items that it goes on for, by a change that billed nothing: what
 *     was charged for them in the period is given back with it
 */
public record SubscriptionItem(
    String id,
    Kind kind,
    String key,
    int quantity,
    Instant from,
    @Nullable Instant until,
    @Nullable BigDecimal agreed,
    @Nullable Integer version,
    List<String> joined) {
  /** An item under its subscription's version of the catalog. */
  public SubscriptionItem(
      String id,
      Kind kind,
      String key,
      int quantity,
      Instant from,
      @Nullable Instant until,
      @Nullable BigDecimal agreed) {
    this(id, kind, key, quantity, from, until, agreed, null, List.of());
  }

  /** What an item is. */
  public enum Kind {
    PLAN,
    ADD_ON
  }

  public SubscriptionItem {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(from, "from");
    joined = List.copyOf(Objects.requireNonNullElse(joined, List.of()));
    if (quantity < 1) {
      throw new IllegalArgumentException("quantity: at least 1, not " + quantity);
    }
    if (until != null && until.isBefore(from)) {
      throw new IllegalArgumentException("until: " + until + " is before " + from);
    }
  }

  /**
   * Whether it ended with its subscription: another one may have ended at that very instant because
   * of a change, and has the version of that.
   */
  boolean endedWithAll() {
    return until != null && version == null;
  }

  /** Whether it is in force at the instant. */
  public boolean isInForceAt(Instant instant) {
    return !instant.isBefore(from) && (until == null || instant.isBefore(until));
  }

  /** Whether it is in force at any instant of the period. */
  public boolean overlaps(Period period) {
    return from.isBefore(period.end())
        && (until == null || (until.isAfter(period.start()) && until.isAfter(from)));
  }

  /** The same item, as if it had begun at the instant, which is before its end. */
  public SubscriptionItem beginningAt(Instant begin) {
    return new SubscriptionItem(id, kind, key, quantity, begin, until, agreed, version, joined);
  }

  /** The same item from an instant on, under other terms. */
  SubscriptionItem goingOn(
      String otherKey, int units, @Nullable BigDecimal otherPrice, Instant at) {
    return new SubscriptionItem(id, kind, otherKey, units, at, null, otherPrice, null, joined);
  }

  /** The same item, going on for others that end: what was charged for them is its own now. */
  SubscriptionItem joining(List<SubscriptionItem> others) {
    List<String> all = new ArrayList<>(joined);
    for (SubscriptionItem other : others) {
      all.add(other.id());
      all.addAll(other.joined());
    }
    return new SubscriptionItem(id, kind, key, quantity, from, until, agreed, version, all);
  }

  /** The same item, ending at the instant; null for never. */
  public SubscriptionItem endingAt(@Nullable Instant end) {
    return new SubscriptionItem(id, kind, key, quantity, from, end, agreed, null, joined);
  }

  /** The same item, ending at the instant under a version of the catalog. */
  public SubscriptionItem endingAt(Instant end, int under) {
    return new SubscriptionItem(id, kind, key, quantity, from, end, agreed, under, joined);
  }
}
