package io.tollgate.controlplane.invoice.run;

import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.usage.UsageSums;
import io.tollgate.controlplane.usage.UsageSums.Span;
import io.tollgate.controlplane.usage.UsageSums.Told;
import io.tollgate.controlplane.usage.UsageSums.Waiting;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** Says how many units were used: the usage room's sums, or a simulation's assumption. */
public interface Usages {
  /** Units by meter, as they stand; spans without usage may be missing. */
  Map<Span, Map<String, Long>> units(Transaction tx, List<Span> spans);

  /** As {@link #units}, for good: what arrives later counts in later periods. */
  Map<Span, Map<String, Long>> bill(Transaction tx, List<Span> spans);

  /**
   * Carries on to what follows a span what was taken back in it beyond its use, for good: from then
   * on the span's sum is zero. Called after {@link #bill}, in its transaction. Where usage is
   * assumed, nothing is to be done.
   *
   * @param units below zero
   */
  default void carryOn(Transaction tx, Span span, String meter, long units) {}

  /**
   * Takes what was used at the very end of a span, which nothing follows, into it, for good. Called
   * before {@link #bill}, in its transaction. Where usage is assumed, nothing is to be done.
   */
  default void close(Transaction tx, Span span, Collection<String> meters) {}

  /**
   * Takes, by meter, what was told of a last period after it was billed, for good; its sums hold it
   * already.
   *
   * @param meters those that the period's plan prices
   */
  default Map<String, Waiting> takeLate(Transaction tx, Span span, Collection<String> meters) {
    return Map.of();
  }

  /**
   * Keeps what a closing invoice bills of what was taken: where it is voided, that waits again.
   * Where usage is assumed, nothing is to be done.
   *
   * @param closing names it
   */
  default void billedLate(Transaction tx, Span span, String closing, Map<String, Waiting> taken) {}

  /** What a voided closing invoice billed waits for the next one. */
  default void waitAgain(Transaction tx, String closing) {}

  /** What of a tenant waits to be billed so, by the last period's end and the meter. */
  default Map<Instant, Map<String, Waiting>> late(Transaction tx, String tenant) {
    return Map.of();
  }

  /** All that was told late of tenants' last periods, billed or waiting. */
  default List<UsageSums.Late> late(Transaction tx, Collection<String> tenants) {
    return List.of();
  }

  /** Single transactions in their order; what has none is missing. */
  default Map<Told, List<Long>> transactions(Transaction tx, List<Told> told) {
    return Map.of();
  }

  /** The usage room's sums. */
  static Usages of(UsageSums sums) {
    return new Usages() {
      @Override
      public Map<Span, Map<String, Long>> units(Transaction tx, List<Span> spans) {
        return sums.units(tx, spans);
      }

      @Override
      public Map<Span, Map<String, Long>> bill(Transaction tx, List<Span> spans) {
        return sums.bill(tx, spans);
      }

      @Override
      public Map<Told, List<Long>> transactions(Transaction tx, List<Told> told) {
        return sums.transactions(tx, told);
      }

      @Override
      public Map<String, Waiting> takeLate(Transaction tx, Span span, Collection<String> meters) {
        return sums.takeLate(tx, span, meters);
      }

      @Override
      public void billedLate(
          Transaction tx, Span span, String closing, Map<String, Waiting> taken) {
        sums.billedLate(tx, span, closing, taken);
      }

      @Override
      public void waitAgain(Transaction tx, String closing) {
        sums.waitAgain(tx, closing);
      }

      @Override
      public Map<Instant, Map<String, Waiting>> late(Transaction tx, String tenant) {
        return sums.late(tx, tenant);
      }

      @Override
      public List<UsageSums.Late> late(Transaction tx, Collection<String> tenants) {
        return sums.late(tx, tenants);
      }

      @Override
      public void close(Transaction tx, Span span, Collection<String> meters) {
        sums.close(tx, span, meters);
      }

      @Override
      public void carryOn(Transaction tx, Span span, String meter, long units) {
        sums.carryOn(tx, span, meter, units);
      }
    };
  }
}
