package io.tollgate.controlplane.discount;

import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.discount.Redemptions.Line;
import io.tollgate.controlplane.discount.Redemptions.Taken;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** In which periods coupons took something off, by subscription, code and the period's begin. */
record CountedPeriods(Map<String, Map<String, Set<Instant>>> begins) {
  static CountedPeriods of(Transaction tx, Collection<String> subscriptions) {
    return new CountedPeriods(RedemptionStore.periods(tx, subscriptions));
  }

  Set<Instant> of(String subscription, String code) {
    return begins.getOrDefault(subscription, Map.of()).getOrDefault(code, Set.of());
  }

  /** One that is known already is one still. */
  static void add(Transaction tx, List<Taken> taken) {
    if (!taken.isEmpty()) {
      RedemptionStore.take(tx, taken.stream().distinct().toList());
    }
  }

  /** Forgets the periods of lines that are gone, but those in which others are left. */
  static void free(Transaction tx, List<Line> gone, Supplier<List<Line>> left) {
    List<String> subscriptions = gone.stream().map(Line::subscription).distinct().toList();
    RedemptionStore.hold(tx, subscriptions);
    CountedPeriods known = of(tx, subscriptions);
    Set<Line> free = known.periods(gone);
    free.removeAll(known.periods(left.get()));
    RedemptionStore.free(tx, List.copyOf(free));
  }

  /** Each line's period, by its begin: the last one that began when the line does, or before. */
  private Set<Line> periods(List<Line> lines) {
    Set<Line> periods = new HashSet<>();
    for (Line line : lines) {
      of(line.subscription(), line.code()).stream()
          .filter(begin -> !begin.isAfter(line.from()))
          .max(Instant::compareTo)
          .ifPresent(begin -> periods.add(new Line(line.subscription(), line.code(), begin)));
    }
    return periods;
  }
}
