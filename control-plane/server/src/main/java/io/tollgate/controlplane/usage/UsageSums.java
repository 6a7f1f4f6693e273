package io.tollgate.controlplane.usage;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.database.Transaction;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Units used, summed up for those who price them. Stateless and thread-safe.
 *
 * <p>A unit counts for the period in which the instant it was booked at lies, start included, end
 * not. It is booked when it arrives, within the hour its counter says; what arrives after its time
 * was billed is booked at the end of what is billed. So every unit counts in exactly one period,
 * however late it comes, and no billed period ever changes but the last one of a subscription that
 * ended: what comes late for it is booked there, and waits for a closing invoice. Where more was
 * taken back in a period than was used, the rest is moved on to the next one.
 */
public final class UsageSums {
  /**
   * Whose usage of when.
   *
   * @param tenant whose
   * @param period from when until when
   */
  public record Span(String tenant, Period period) {}

  /** Of which meter of whose period the single transactions are told. */
  public record Told(Span span, String meter) {}

  /**
   * The units of single transactions of meters that keep them, in the order in which they came,
   * with one query; what has none is missing.
   */
  public Map<Told, List<Long>> transactions(Transaction tx, List<Told> told) {
    return told.isEmpty() ? Map.of() : UsageStore.transactions(tx, told);
  }

  /** Units of one meter in a period; 0 where nothing was used. */
  public long units(Transaction tx, String tenant, String meter, Period period) {
    return units(tx, List.of(new Span(tenant, period)))
        .getOrDefault(new Span(tenant, period), Map.of())
        .getOrDefault(meter, 0L);
  }

  /**
   * Units by meter of many tenants and periods, with one query. Changes nothing: for previews,
   * estimates and simulations. Spans without usage are missing.
   */
  public Map<Span, Map<String, Long>> units(Transaction tx, List<Span> spans) {
    return spans.isEmpty() ? Map.of() : UsageStore.sums(tx, spans.stream().distinct().toList());
  }

  /**
   * As {@link #units(Transaction, List)}, for good: from this transaction's commit on, nothing is
   * booked before the end of these spans any more. For the transaction that bills them.
   */
  public Map<Span, Map<String, Long>> bill(Transaction tx, List<Span> spans) {
    SortedMap<String, Instant> until =
        spans.stream()
            .collect(
                Collectors.toMap(
                    Span::tenant,
                    span -> span.period().end(),
                    (a, b) -> a.isAfter(b) ? a : b,
                    TreeMap::new));
    if (!until.isEmpty()) {
      UsageStore.markBilled(tx, until);
    }
    return units(tx, spans);
  }

  /**
   * Units of a last period that were told after it was billed.
   *
   * @param units what was used less what was taken back
   * @param transactions how many events they came with; the last ones of their meter
   */
  public record Waiting(long units, long transactions) {}

  /**
   * Takes, by meter, what came for a last period after it was billed, for good: the sums hold it
   * already. For the transaction that bills it; nothing is booked for the tenant until its end.
   *
   * @param meters those that the period's plan prices
   */
  public Map<String, Waiting> takeLate(Transaction tx, Span span, Collection<String> meters) {
    UsageStore.markBilled(tx, new TreeMap<>(Map.of(span.tenant(), span.period().end())));
    return LateStore.take(tx, span, meters);
  }

  /**
   * Keeps what a closing invoice bills of what was taken, for {@link #waitAgain}.
   *
   * @param closing names it
   */
  public void billedLate(Transaction tx, Span span, String closing, Map<String, Waiting> taken) {
    LateStore.billed(tx, span, closing, taken);
  }

  /** A closing invoice was voided: what it billed waits for the next one. */
  public void waitAgain(Transaction tx, String closing) {
    LateStore.waitAgain(tx, closing);
  }

  /** What of a tenant waits to be billed so, by the last period's end and the meter. */
  public Map<Instant, Map<String, Waiting>> late(Transaction tx, String tenant) {
    return LateStore.waiting(tx, tenant);
  }

  /**
   * What was told of a last period after that was billed, of one meter.
   *
   * @param closing names the closing invoice that billed it; null where it waits for one
   * @param ended the period's end
   */
  public record Late(
      String tenant, @Nullable String closing, Instant ended, String meter, Waiting told) {}

  /** All that was told late of tenants' last periods, billed or waiting, with one query. */
  public List<Late> late(Transaction tx, Collection<String> tenants) {
    return tenants.isEmpty() ? List.of() : LateStore.all(tx, tenants);
  }

  /**
   * Takes what was booked at the very end of a span into it: where a subscription ends at once it
   * was used before, as no period follows. For the transaction that bills the span, before {@link
   * #bill}.
   */
  public void close(Transaction tx, Span span, Collection<String> meters) {
    Instant end = span.period().end();
    UsageStore.markBilled(tx, new TreeMap<>(Map.of(span.tenant(), end)));
    UsageStore.moveBefore(tx, span.tenant(), meters, end);
  }

  /**
   * Moves what was taken back in a span beyond its use to the span's end, where it lowers the next
   * one. For the transaction that bills the span, after {@link #bill}; what was counted in all
   * stays as it was.
   *
   * @param units below zero, the span's sum
   */
  public void carryOn(Transaction tx, Span span, String meter, long units) {
    Instant end = span.period().end();
    Instant last = end.minus(1, ChronoUnit.MICROS);
    UsageStore.add(
        tx,
        List.of(
            new UsageStore.Addition(span.tenant(), meter, last, -units),
            new UsageStore.Addition(span.tenant(), meter, end, units)));
  }

  /**
   * Everything a tenant ever used of a meter, less what was taken back, up to an instant: the level
   * of what is held rather than consumed, such as {@code storage.files}.
   */
  public long level(Transaction tx, String tenant, String meter, Instant before) {
    return UsageStore.level(tx, tenant, meter, before);
  }
}
