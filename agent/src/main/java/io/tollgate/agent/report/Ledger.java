package io.tollgate.agent.report;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The totals of this incarnation: which calls belong to which hour, and which of them the letterbox
 * has acknowledged. Not thread-safe; {@link Books} holds the lock.
 *
 * <p>Counters carry no hour, that keeps a counted call cheap. The ledger moves what they gained
 * since it last looked into the hour in which it looks; so it looks at the turn of each hour, and
 * calls within that moment's delay are booked in the hour before. Nothing is lost by it.
 */
final class Ledger {
  private final Counters counters;
  private final List<String> features;
  private final int mostOutstanding;
  private final Set<Total> outstanding = new LinkedHashSet<>();
  private long hour = Long.MIN_VALUE;

  Ledger(Counters counters, List<String> features, int mostOutstanding) {
    this.counters = counters;
    this.features = features;
    this.mostOutstanding = mostOutstanding;
  }

  /**
   * Books what the counters gained.
   *
   * @param now hours since 1970; an hour before the last one is taken for the last one, since its
   *     total may have been acknowledged and forgotten
   * @return the totals that changed
   */
  List<Total> book(long now) {
    hour = Math.max(hour, now);
    List<Total> changed = new ArrayList<>();
    for (TenantCounters tenant : counters.each()) {
      book(tenant, changed);
    }
    book(counters.overflow(), changed);
    return changed;
  }

  private void book(TenantCounters tenant, List<Total> changed) {
    for (int feature = 0; feature < tenant.features(); feature++) {
      long calls = tenant.unbooked(feature);
      if (calls == 0) {
        continue;
      }
      Total total = tenant.current(feature);
      if (total == null || total.hour != hour) {
        total = new Total(tenant.tenant, features.get(feature), hour);
      }
      if (outstanding.contains(total) || outstanding.size() < mostOutstanding) {
        tenant.book(feature, total, calls);
        outstanding.add(total);
        changed.add(total);
      }
    }
  }

  /** Up to so many totals the letterbox does not know yet, the oldest first. */
  List<Total> outstanding(int most) {
    List<Total> some = new ArrayList<>();
    for (Total total : outstanding) {
      if (some.size() == most) {
        break;
      }
      some.add(total);
    }
    return some;
  }

  int outstandingCount() {
    return outstanding.size();
  }

  /** The letterbox knows of a total that it has so many units. */
  void acknowledge(Total total, long units) {
    total.acknowledged = Math.max(total.acknowledged, units);
    if (total.acknowledged == total.units) {
      outstanding.remove(total);
    }
  }

  /** Units counted but not acknowledged. */
  long undelivered() {
    long units = 0;
    for (Total total : outstanding) {
      units += total.units - total.acknowledged;
    }
    return units;
  }
}
