package io.tollgate.controlplane.invoice.run;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.invoice.composition.Bill;
import io.tollgate.controlplane.invoice.composition.Reduction;
import io.tollgate.controlplane.invoice.run.Discounts.Granted;
import io.tollgate.controlplane.rating.PricedLine;
import io.tollgate.controlplane.subscription.Revision;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.joda.money.Money;

/**
 * What coupons take off a closing invoice's lines: what they take off the whole last period's
 * usage, less what they took off before.
 *
 * @param end the step that ended the subscription
 * @param parts all of its last period
 */
record ClosingDiscounts(Sources sources, Bills end, List<Bill.Closing> parts) {
  private static final Instant FOREVER = Instant.parse("9999-01-01T00:00:00Z");

  /** By line's period and key, and by coupon. */
  private record Off(Period period, String line, String coupon) {}

  /** A coupon on a line of the closing invoice. */
  private record Place(int line, String coupon) {}

  /** The rule of the closing's lines. */
  Reduction.Rule rule(Transaction tx, Instant due) {
    List<GrantStore.Taken> before = new ArrayList<>();
    for (Bill.Closing part : parts) {
      before.addAll(GrantStore.taken(tx, end.previous(), part.after().period()));
    }
    List<Reduction> whole = whole(tx, before, due);
    return lines -> more(lines, whole, before);
  }

  /**
   * The rule where the closing is billed once more: by the coupons that took something off the
   * period, less what they would have taken off before.
   */
  Reduction.Rule again(Transaction tx, Instant due) {
    List<GrantStore.Taken> taken = new ArrayList<>();
    for (Bill.Closing part : parts) {
      taken.addAll(GrantStore.taken(tx, end.previous(), part.after().period()));
    }
    Set<String> codes = new TreeSet<>();
    Set<String> first = new TreeSet<>();
    for (GrantStore.Taken each : taken) {
      codes.add(each.coupon());
      if (each.issued().isBefore(due)) {
        first.add(each.coupon());
      }
    }
    if (codes.isEmpty()) {
      return Reduction.Rule.NONE;
    }
    String of = end.previous().id();
    Reduction.Rule rule =
        sources
            .discounts()
            .again(
                tx,
                List.of(end.revision()),
                periods -> others(tx, periods, taken, FOREVER),
                Map.of(of, codes))
            .getOrDefault(of, Reduction.Rule.NONE);
    List<PricedLine> billed =
        parts.stream().flatMap(part -> part.before().lines().stream()).toList();
    List<GrantStore.Taken> before =
        rule.on(billed).stream()
            .filter(off -> first.contains(off.coupon()))
            .map(
                off -> {
                  PricedLine line = billed.get(off.line());
                  return new GrantStore.Taken(
                      line.period(), line.key(), off.coupon(), off.title(), off.amount(), due);
                })
            .toList();
    List<Reduction> whole = rule.on(priced());
    return lines -> more(lines, whole, before);
  }

  private List<PricedLine> priced() {
    return parts.stream().flatMap(part -> part.after().lines().stream()).toList();
  }

  /** Off the whole period: also by coupons that took something off it and were ended since. */
  private List<Reduction> whole(Transaction tx, List<GrantStore.Taken> before, Instant due) {
    List<PricedLine> priced = priced();
    String of = end.previous().id();
    List<Revision> step = List.of(end.revision());
    Function<Set<Granted>, Map<Granted, Map<String, Money>>> used =
        periods -> others(tx, periods, before, due);
    Set<String> codes = new TreeSet<>();
    before.forEach(taken -> codes.add(taken.coupon()));
    sources
        .discounts()
        .of(tx, step, used)
        .getOrDefault(of, Reduction.Rule.NONE)
        .on(priced)
        .forEach(off -> codes.add(off.coupon()));
    return codes.isEmpty()
        ? List.of()
        : sources
            .discounts()
            .again(tx, step, used, Map.of(of, codes))
            .getOrDefault(of, Reduction.Rule.NONE)
            .on(priced);
  }

  /** What coupons granted in the period on other lines than its usage. */
  private Map<Granted, Map<String, Money>> others(
      Transaction tx, Set<Granted> periods, List<GrantStore.Taken> before, Instant due) {
    Granted period = Granted.of(end.previous());
    if (!periods.contains(period)) {
      return Map.of();
    }
    GrantStore.Asked asked = new GrantStore.Asked(end, period, null, due);
    Map<String, Money> used =
        new HashMap<>(GrantStore.used(tx, List.of(asked)).getOrDefault(period, Map.of()));
    before.forEach(
        taken -> used.computeIfPresent(taken.coupon(), (code, all) -> all.minus(taken.amount())));
    return Map.of(period, used);
  }

  private List<Reduction> more(
      List<PricedLine> lines, List<Reduction> whole, List<GrantStore.Taken> before) {
    Map<Off, Money> more = new LinkedHashMap<>();
    Map<String, String> titles = new HashMap<>();
    List<PricedLine> priced = priced();
    for (Reduction off : whole) {
      PricedLine line = priced.get(off.line());
      more.merge(new Off(line.period(), line.key(), off.coupon()), off.amount(), Money::plus);
      titles.put(off.coupon(), off.title());
    }
    for (GrantStore.Taken taken : before) {
      more.merge(
          new Off(taken.period(), taken.line(), taken.coupon()),
          taken.amount().negated(),
          Money::plus);
      titles.putIfAbsent(taken.coupon(), taken.title());
    }
    List<Reduction> reductions = new ArrayList<>();
    placed(lines, more)
        .forEach(
            (place, amount) -> {
              if (!amount.isZero()) {
                String title = titles.getOrDefault(place.coupon(), place.coupon());
                reductions.add(new Reduction(place.line(), place.coupon(), title, amount));
              }
            });
    return reductions;
  }

  /**
   * Each on its own line. Where that has none here, as it costs what it did and only its share of
   * an amount has changed, or is too small, on another one's; what none has room for is not taken
   * off.
   */
  private static Map<Place, Money> placed(List<PricedLine> lines, Map<Off, Money> more) {
    Map<Place, Money> placed = new LinkedHashMap<>();
    List<Money> left = new ArrayList<>(lines.stream().map(PricedLine::amount).toList());
    // What goes back first: it makes room.
    more.entrySet().stream()
        .sorted(Map.Entry.comparingByValue(Comparator.naturalOrder()))
        .forEach(
            one -> {
              Money rest = one.getValue();
              for (int line : order(lines, left, one.getKey(), rest)) {
                Money most = left.get(line);
                Money part =
                    lines.get(line).amount().isNegative() || !rest.isGreaterThan(most)
                        ? rest
                        : most;
                left.set(line, most.minus(part));
                placed.merge(new Place(line, one.getKey().coupon()), part, Money::plus);
                rest = rest.minus(part);
              }
            });
    return placed;
  }

  /** Its own line if it has room, then another that has, then those with room for a part. */
  private static List<Integer> order(
      List<PricedLine> lines, List<Money> left, Off off, Money amount) {
    Predicate<Integer> own =
        i -> lines.get(i).key().equals(off.line()) && lines.get(i).period().equals(off.period());
    Predicate<Integer> room =
        i -> lines.get(i).amount().isNegative() || !left.get(i).isLessThan(amount);
    Predicate<Integer> some = i -> room.test(i) || left.get(i).isPositive();
    return IntStream.range(0, lines.size())
        .boxed()
        .filter(some)
        .sorted(
            Comparator.comparing((Integer i) -> !(room.test(i) && own.test(i)))
                .thenComparing(i -> !room.test(i)))
        .toList();
  }
}
