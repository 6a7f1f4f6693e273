package io.tollgate.controlplane.usage;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.database.Transaction;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * When billing periods begin and change: the subscription room's answer. Asked before units are
 * booked, so that an hour in which a period begins is kept in two parts.
 */
@FunctionalInterface
public interface PeriodStarts {
  /**
   * The instants within the span at which a period of one of the tenant's subscriptions begins,
   * ends or changes, in any order, with as few queries for all tenants as can be. Tenants without
   * any may be missing.
   */
  Map<String, List<Instant>> within(Transaction tx, Collection<String> tenants, Period span);
}
