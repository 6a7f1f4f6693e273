package io.tollgate.controlplane.invoice.run;

import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.usage.UsageSums.Late;
import io.tollgate.controlplane.usage.UsageSums.Span;
import io.tollgate.controlplane.usage.UsageSums.Told;
import io.tollgate.controlplane.usage.UsageSums.Waiting;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What was told of last periods after those were billed, and which closing invoice billed it: the
 * sums hold all of it, and a document that is priced again goes by what was told until then.
 *
 * @param all of the tenants concerned
 */
record ToldLate(List<Late> all) {
  /** What of a last period was told when. */
  private enum When {
    BEFORE,
    AT,
    AFTER
  }

  static ToldLate of(Transaction tx, Usages usages, Collection<String> tenants) {
    return new ToldLate(usages.late(tx, tenants));
  }

  /** What one closing billed of a last period or a part of it, by meter. */
  Map<String, Waiting> billed(String subscription, Span span, Instant closing) {
    return sum(subscription, span, closing, When.AT);
  }

  /** What was told after a closing, by meter. */
  Map<String, Waiting> since(String subscription, Span span, Instant closing) {
    return sum(subscription, span, closing, When.AFTER);
  }

  private Map<String, Waiting> sum(String subscription, Span span, Instant closing, When wanted) {
    Map<String, Waiting> sum = new HashMap<>();
    for (Late late : all) {
      boolean inside =
          late.tenant().equals(span.tenant())
              && late.ended().isAfter(span.period().start())
              && !late.ended().isAfter(span.period().end());
      if (inside && when(late, subscription, closing).filter(wanted::equals).isPresent()) {
        sum.merge(
            late.meter(),
            late.told(),
            (a, b) -> new Waiting(a.units() + b.units(), a.transactions() + b.transactions()));
      }
    }
    return sum;
  }

  /** Empty for what a closing of another subscription billed. */
  private static Optional<When> when(Late late, String subscription, Instant closing) {
    return late.closing() == null
        ? Optional.of(When.AFTER)
        : Closing.at(late.closing(), subscription)
            .map(
                at ->
                    at.equals(closing) ? When.AT : at.isBefore(closing) ? When.BEFORE : When.AFTER);
  }

  /** What was counted of a part when a closing billed it. */
  LatePart.Counted counted(
      Transaction tx, Usages usages, String subscription, Span span, Bills.Stretch of, Instant at) {
    Map<String, Waiting> since = since(subscription, span, at);
    Map<String, Waiting> billed = billed(subscription, span, at);
    billed.keySet().retainAll(of.meters());
    Map<String, Long> sums = usages.units(tx, List.of(span)).getOrDefault(span, Map.of());
    return new LatePart.Counted(
        less(sums, since), first(Closing.transactions(tx, usages, span, of), since), billed);
  }

  private static Map<String, Long> less(Map<String, Long> sums, Map<String, Waiting> told) {
    Map<String, Long> less = new LinkedHashMap<>(sums);
    told.forEach((meter, late) -> less.merge(meter, -late.units(), Long::sum));
    return less;
  }

  private static Map<String, List<Long>> first(
      Map<String, List<Long>> each, Map<String, Waiting> told) {
    Map<String, List<Long>> first = new HashMap<>(each);
    first.replaceAll((meter, all) -> first(all, told.get(meter)));
    return first;
  }

  private static List<Long> first(List<Long> all, @Nullable Waiting told) {
    int since = told == null ? 0 : Math.toIntExact(told.transactions());
    return all.subList(0, Math.max(0, all.size() - since));
  }

  /** Usage as it was when steps that ended subscriptions billed it. */
  Usages before(Usages usages, List<Bills> ends) {
    Map<Span, Map<String, Waiting>> late = new HashMap<>();
    for (Bills end : ends) {
      for (Bills.Stretch stretch : end.stretches()) {
        Span span = new Span(end.previous().tenant(), stretch.period());
        since(end.previous().id(), span, Instant.MIN)
            .forEach(
                (meter, told) ->
                    late.computeIfAbsent(span, of -> new HashMap<>()).put(meter, told));
      }
    }
    return late.isEmpty() ? usages : new AsBilled(usages, late);
  }

  /** Usage without what was told late. */
  private record AsBilled(Usages usages, Map<Span, Map<String, Waiting>> late) implements Usages {
    @Override
    public Map<Span, Map<String, Long>> units(Transaction tx, List<Span> spans) {
      Map<Span, Map<String, Long>> units = new HashMap<>(usages.units(tx, spans));
      units.replaceAll((span, sums) -> less(sums, late.getOrDefault(span, Map.of())));
      return units;
    }

    @Override
    public Map<Span, Map<String, Long>> bill(Transaction tx, List<Span> spans) {
      throw new UnsupportedOperationException("it was billed before");
    }

    @Override
    public Map<Told, List<Long>> transactions(Transaction tx, List<Told> told) {
      Map<Told, List<Long>> each = new HashMap<>(usages.transactions(tx, told));
      each.replaceAll(
          (of, all) -> first(all, late.getOrDefault(of.span(), Map.of()).get(of.meter())));
      return each;
    }
  }
}
