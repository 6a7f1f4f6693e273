package io.tollgate.controlplane.tenant;

import java.time.Instant;
import java.time.ZoneId;
import org.joda.money.CurrencyUnit;
import org.jspecify.annotations.Nullable;

/**
 * A customer.
 *
 * @param id lower-case letters, digits and dashes, or made here as {@code ten_...}
 * @param name what people call it
 * @param zone the billing zone: the days and months of its invoices
 * @param currency what it pays in; never changes
 * @param testClock the test clock it lives by; null on the wall clock
 * @param version rises by one with every change
 * @param archivedAt since when it is a customer no more; null while it is
 */
public record Tenant(
    String id,
    String name,
    ZoneId zone,
    CurrencyUnit currency,
    BillingDetails billing,
    @Nullable String testClock,
    long version,
    Instant createdAt,
    @Nullable Instant archivedAt) {}
