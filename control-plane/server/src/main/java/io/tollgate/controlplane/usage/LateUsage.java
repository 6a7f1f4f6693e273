package io.tollgate.controlplane.usage;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.database.Transaction;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * Says to which period units belong that are told when all of their subscription was billed: the
 * billing's answer. Elsewhere late units count in the period that is running; after an end none is.
 */
public interface LateUsage {
  /** Nothing ends. */
  LateUsage NONE =
      new LateUsage() {
        @Override
        public List<Last> lastPeriods(Transaction tx, Collection<String> tenants) {
          return List.of();
        }

        @Override
        public void waits(Transaction tx, Collection<Last> ends) {}
      };

  /**
   * How long after an end at once a counter's units may come that were used before it: proxies send
   * every second, and refuse calls within a second of the end.
   */
  Duration DELIVERY = Duration.ofMinutes(1);

  /**
   * The last periods of these tenants' subscriptions that ended, also where they began again since,
   * with as few queries as can be. One that several plans rated is told in its parts.
   */
  List<Last> lastPeriods(Transaction tx, Collection<String> tenants);

  /** Units of last periods wait to be billed. In the transaction that books them. */
  void waits(Transaction tx, Collection<Last> ends);

  /**
   * The last period of a subscription, or the part of it that one plan rated.
   *
   * @param end names the end
   * @param meters it priced
   * @param open those of them that no running subscription prices: what comes of them just after
   *     the end was used before it
   * @param since from when on units belong to it: for the last part the subscription's begin
   * @param others the other parts
   * @param until its end
   * @param cut whether it was ended at once, inside a period: what was used at that very instant
   *     was used before
   */
  record Last(
      String tenant,
      String end,
      Set<String> meters,
      Set<String> open,
      Instant since,
      List<Period> others,
      Instant until,
      boolean cut) {
    public Last {
      meters = Set.copyOf(meters);
      open = Set.copyOf(open);
      others = List.copyOf(others);
    }

    /**
     * Whether units belong to it.
     *
     * @param at when they were used, as nearly as is known
     * @param earliest the same for an event; the hour of a counter
     */
    boolean holds(String meter, Instant at, Instant earliest) {
      if (!meters.contains(meter)
          || at.isBefore(since)
          || others.stream().anyMatch(other -> other.contains(at))) {
        return false;
      }
      boolean justAfter =
          (cut && at.equals(until))
              || (earliest.isBefore(until) && !at.isAfter(until.plus(DELIVERY)));
      return at.isBefore(until) || (justAfter && open.contains(meter));
    }

    /** The row in which its late units are booked: the period's last instant. */
    Instant row() {
      return until.minus(1, ChronoUnit.MICROS);
    }
  }
}
