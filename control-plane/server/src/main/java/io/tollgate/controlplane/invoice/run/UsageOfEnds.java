package io.tollgate.controlplane.invoice.run;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.subscription.Revision;
import io.tollgate.controlplane.subscription.RevisionKey;
import io.tollgate.controlplane.usage.UsageSums.Span;
import io.tollgate.controlplane.usage.UsageSums.Told;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Usage as changes billed it at whose instant the subscription then ended: the end took what was
 * used in that instant into the time before it, and billed that itself. Read only.
 *
 * @param changes the time that such changes billed
 */
record UsageOfEnds(Usages usages, Set<Span> changes) implements Usages {
  /** The same usage, where no end followed a change of these steps at its instant. */
  static Usages of(Transaction tx, Sources sources, Usages usages, List<Bills> steps) {
    Map<RevisionKey, Span> next = new HashMap<>();
    for (Bills step : steps) {
      for (Bills.Stretch stretch : step.stretches()) {
        boolean toTheInstant = stretch.period().end().equals(step.revision().at());
        if (toTheInstant && !step.revision().after().state().isOver()) {
          Span span = new Span(step.revision().after().tenant(), stretch.period());
          next.put(following(step.revision()), span);
        }
      }
    }
    Set<Span> changes = new HashSet<>();
    while (!next.isEmpty()) {
      Map<RevisionKey, Revision> found = sources.steps().of(tx, next.keySet());
      Map<RevisionKey, Span> later = new HashMap<>();
      next.forEach(
          (key, span) -> {
            Revision step = found.get(key);
            if (step == null || !step.at().equals(span.period().end())) {
              return;
            }
            if (!step.after().state().isOver()) {
              later.put(following(step), span);
            } else if (sources.bills(tx, step).endsAtOnce()) {
              changes.add(span);
            }
          });
      next = later;
    }
    return changes.isEmpty() ? usages : new UsageOfEnds(usages, changes);
  }

  private static RevisionKey following(Revision step) {
    return new RevisionKey(step.after().id(), step.after().revision() + 1);
  }

  @Override
  public Map<Span, Map<String, Long>> units(Transaction tx, List<Span> spans) {
    Map<Span, Map<String, Long>> found =
        usages.units(tx, spans.stream().map(this::counted).distinct().toList());
    Map<Span, Map<String, Long>> units = new HashMap<>();
    for (Span span : spans) {
      units.put(span, found.getOrDefault(counted(span), Map.of()));
    }
    return units;
  }

  @Override
  public Map<Span, Map<String, Long>> bill(Transaction tx, List<Span> spans) {
    throw new UnsupportedOperationException("it was billed before");
  }

  @Override
  public Map<Told, List<Long>> transactions(Transaction tx, List<Told> told) {
    List<Told> asked = new ArrayList<>();
    told.forEach(one -> asked.add(new Told(counted(one.span()), one.meter())));
    Map<Told, List<Long>> found = usages.transactions(tx, asked);
    Map<Told, List<Long>> each = new HashMap<>();
    for (Told one : told) {
      each.put(one, found.getOrDefault(new Told(counted(one.span()), one.meter()), List.of()));
    }
    return each;
  }

  /** What was used in the instant stands in the last microsecond before it. */
  private Span counted(Span span) {
    Period period = span.period();
    return changes.contains(span)
            && period.start().isBefore(period.end().minus(1, ChronoUnit.MICROS))
        ? new Span(
            span.tenant(), new Period(period.start(), period.end().minus(1, ChronoUnit.MICROS)))
        : span;
  }
}
