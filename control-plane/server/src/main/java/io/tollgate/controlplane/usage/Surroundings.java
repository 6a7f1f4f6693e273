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

/** What must be known of the tenants of one message to book its units. Of one transaction. */
final class Surroundings {
  private final Set<String> tenants;
  private final Instant wall;
  private final Map<String, Instant> frozen;
  private final Map<String, Instant> billed;
  private Map<String, List<Instant>> starts = Map.of();

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
  Instant arrival(UsageTotal total) {
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
  Instant instant(UsageEvent event) {
    Instant now = now(event.tenant());
    Instant at = event.at() == null ? now : event.at();
    if (at.isAfter(now.plus(Usage.AHEAD))) {
      throw Problem.invalid("at", at + " is still to come; it is " + now);
    }
    return at.truncatedTo(ChronoUnit.MICROS);
  }

  void lookUpPeriods(Transaction tx, PeriodStarts periods, Collection<Instant> used) {
    if (!used.isEmpty()) {
      Period span = Booking.hours(Collections.min(used), Collections.max(used));
      starts = periods.within(tx, tenants, span);
    }
  }

  /** The row of units used at an instant. */
  Instant row(String tenant, Instant at) {
    return Booking.row(
        at, starts.getOrDefault(tenant, List.of()), billed.getOrDefault(tenant, Instant.MIN));
  }

  private Instant now(String tenant) {
    return frozen.getOrDefault(tenant, wall);
  }
}
