package io.tollgate.controlplane.usage;

import io.tollgate.contract.Period;
import io.tollgate.contract.UsageTotal;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.time.TenantClocks;
import io.tollgate.controlplane.web.Problem;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What must be known of the tenants of one message to book its units. Of one transaction. */
final class Surroundings {
  private final Set<String> tenants;
  private final Instant wall;
  private final Map<String, Instant> frozen;
  private final Map<String, Instant> billed;
  private Map<String, List<Instant>> starts = Map.of();
  private List<LateUsage.Last> last = List.of();

  private Surroundings(
      Set<String> tenants, Instant wall, Map<String, Instant> frozen, Map<String, Instant> billed) {
    this.tenants = tenants;
    this.wall = wall;
    this.frozen = frozen;
    this.billed = billed;
  }

  static Surroundings of(Transaction tx, Set<String> tenants, TenantClocks clocks) {
    return new Surroundings(
        tenants,
        clocks.wall().instant(),
        clocks.frozenAt(tx, tenants),
        UsageStore.billed(tx, tenants));
  }

  /**
   * When a counter's units that arrive now were used. On a test clock, where the counter's hour is
   * of another time: now.
   */
  private Instant arrival(UsageTotal total) {
    Instant stands = frozen.get(total.tenant());
    return stands == null
        ? Booking.arrival(total.hour(), wall)
        : stands.truncatedTo(ChronoUnit.MICROS);
  }

  /**
   * When an event's units were used.
   *
   * @throws Problem 422 if that is still to come
   */
  private Instant instant(UsageEvent event) {
    Instant now = now(event.tenant());
    Instant at = event.at() == null ? now : event.at();
    if (at.isAfter(now.plus(Usage.AHEAD))) {
      throw Problem.invalid("at", at + " is still to come; it is " + now);
    }
    return at.truncatedTo(ChronoUnit.MICROS);
  }

  void lookUpPeriods(Transaction tx, PeriodStarts periods, Collection<Used> used) {
    if (!used.isEmpty()) {
      List<Instant> instants = used.stream().map(Used::at).toList();
      Period span = Booking.hours(Collections.min(instants), Collections.max(instants));
      starts = periods.within(tx, tenants, span);
    }
  }

  /**
   * Asks for the last periods of tenants of whom something came after it was billed.
   *
   * @param used by tenant, when units were used that may be late
   */
  void lookUpLast(Transaction tx, LateUsage late, Collection<Used> used) {
    Set<String> tenantsOfLate = new TreeSet<>();
    for (Used one : used) {
      Instant until = billed.get(one.tenant());
      if (until != null && !one.at().isAfter(until.plus(LateUsage.DELIVERY))) {
        tenantsOfLate.add(one.tenant());
      }
    }
    last = tenantsOfLate.isEmpty() ? List.of() : late.lastPeriods(tx, tenantsOfLate);
  }

  /** A counter's units, which arrive now. */
  Used used(UsageTotal total) {
    Instant at = arrival(total);
    Instant earliest = frozen.containsKey(total.tenant()) ? at : total.hour();
    return new Used(total.tenant(), total.meter(), at, earliest);
  }

  /**
   * An event's units.
   *
   * @throws Problem 422 if they are still to be used
   */
  Used used(UsageEvent event) {
    Instant at = instant(event);
    return new Used(event.tenant(), event.meter(), at, at);
  }

  /**
   * When units were used.
   *
   * @param at as nearly as is known
   * @param earliest the same for an event; the hour of a counter
   */
  record Used(String tenant, String meter, Instant at, Instant earliest) {}

  /**
   * The last period of an ended subscription that the units belong to, told after it was billed.
   */
  LateUsage.@Nullable Last late(Used used) {
    Instant until = billed.getOrDefault(used.tenant(), Instant.MIN);
    for (LateUsage.Last one : last) {
      if (one.tenant().equals(used.tenant())
          && !one.until().isAfter(until)
          && one.holds(used.meter(), used.at(), used.earliest())) {
        return one;
      }
    }
    return null;
  }

  /** The row of units used at an instant. */
  Instant row(Used used) {
    LateUsage.Last late = late(used);
    return late != null
        ? late.row()
        : Booking.row(
            used.at(),
            starts.getOrDefault(used.tenant(), List.of()),
            billed.getOrDefault(used.tenant(), Instant.MIN));
  }

  private Instant now(String tenant) {
    return frozen.getOrDefault(tenant, wall);
  }
}
