package io.tollgate.controlplane.usage;

import io.tollgate.controlplane.database.Transaction;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * Forgets what no bill can need any more, so that tables do not grow for ever. Thread-safe.
 *
 * <p>A total that is sent again after its row is gone would be booked a second time. So its hour is
 * refused from a day before on, and the instant up to which rows are gone is written down: a longer
 * retention later does not open it again.
 */
public final class Pruning {
  private static final int PAGE = 500;

  private final Retention retention;
  private final OpenPeriods open;

  /** Since when the usage of tenants may still be billed. */
  @FunctionalInterface
  public interface OpenPeriods {
    /**
     * By tenant, the begin of the earliest period whose usage may yet be priced; tenants of whom
     * nothing may be are missing.
     */
    Map<String, Instant> since(Transaction tx, Collection<String> tenants, Instant now);
  }

  /** Forgets what is older than this and billed. */
  public Pruning(Retention retention, OpenPeriods open) {
    this.retention = retention;
    this.open = open;
  }

  /**
   * Forgets some of the totals that are refused, and the sources that have none.
   *
   * @param most rows at once
   * @return whether there may be more
   */
  public boolean forgetTotals(Transaction tx, Instant now, int most) {
    Instant before = now.minus(retention.totals()).minus(Retention.MARGIN);
    UsageStore.forgetBefore(tx, before);
    if (UsageStore.forgetTotals(tx, before, most) == most) {
      return true;
    }
    UsageStore.forgetSources(tx, before);
    return false;
  }

  /** Forgets the single transactions that were billed long ago. */
  public void forgetTransactions(Transaction tx, Instant now) {
    Instant before = now.minus(retention.transactions());
    String after = "";
    List<String> tenants;
    do {
      tenants = UsageStore.tenantsWithTransactions(tx, before, after, PAGE);
      if (!tenants.isEmpty()) {
        Map<String, Instant> since = open.since(tx, tenants, now);
        UsageStore.forgetTransactions(
            tx,
            tenants,
            tenants.stream()
                .map(tenant -> since.getOrDefault(tenant, before))
                .map(billed -> billed.isBefore(before) ? billed : before)
                .toList());
        after = tenants.getLast();
      }
    } while (tenants.size() == PAGE);
  }
}
