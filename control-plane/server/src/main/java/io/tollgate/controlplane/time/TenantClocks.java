package io.tollgate.controlplane.time;

import io.tollgate.controlplane.database.Transaction;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What time it is for a tenant: the wall clock's, or that of the test clock it is attached to.
 * Thread-safe.
 */
public final class TenantClocks {
  private final InstantSource wall;

  /** Clocks beside this wall clock. */
  public TenantClocks(InstantSource wall) {
    this.wall = wall;
  }

  /** The wall clock, for what no tenant owns. */
  public InstantSource wall() {
    return wall;
  }

  /**
   * The tenant's present instant, in whole milliseconds: proxies count windows by those, and a
   * period that begins between two of them would never be found by its start.
   */
  public Instant now(Transaction tx, String tenant) {
    return frozenAt(tx, tenant).orElseGet(() -> instant(tx)).truncatedTo(ChronoUnit.MILLIS);
  }

  /**
   * Tells a transaction what another room has read of a tenant.
   *
   * @param clock the test clock it is attached to, and where that stands; null for none
   */
  public void note(
      Transaction tx, String tenant, @Nullable String clock, @Nullable Instant stands) {
    ClockStore.note(tx, tenant, clock, stands);
  }

  /** The wall clock's instant; to one who only looks, at one moment's state, it stands still. */
  private Instant instant(Transaction tx) {
    return tx.isLooking()
        ? tx.memory(Moment.class, () -> new Moment(wall.instant())).at()
        : wall.instant();
  }

  private record Moment(Instant at) {}

  /** Where the tenant's test clock stands; empty for a tenant on the wall clock. */
  public Optional<Instant> frozenAt(Transaction tx, String tenant) {
    return Optional.ofNullable(ClockStore.frozenAt(tx, List.of(tenant)).get(tenant));
  }

  /** Where the test clocks of several tenants stand, with one query; live tenants are missing. */
  public Map<String, Instant> frozenAt(Transaction tx, Collection<String> tenants) {
    return ClockStore.frozenAt(tx, tenants);
  }

  /** The present instants of several tenants with one query. */
  public Map<String, Instant> now(Transaction tx, Collection<String> tenants) {
    Instant now = instant(tx).truncatedTo(ChronoUnit.MILLIS);
    Map<String, Instant> instants = new HashMap<>();
    tenants.forEach(tenant -> instants.put(tenant, now));
    ClockStore.frozenAt(tx, tenants)
        .forEach((tenant, at) -> instants.put(tenant, at.truncatedTo(ChronoUnit.MILLIS)));
    return instants;
  }
}
