package io.tollgate.controlplane.subscription;

import io.tollgate.controlplane.catalog.Cycle;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.joda.money.CurrencyUnit;
import org.jspecify.annotations.Nullable;

/**
 * What a new subscription is asked to be.
 *
 * @param tenant who buys
 * @param catalog name of the catalog; its newest version is bought
 * @param plan the plan's key
 * @param quantity units of the plan, at least 1
 * @param currency one the plan has a price in
 * @param cycle one the plan has a price for
 * @param zone the tenant's billing zone
 * @param startsAt when; later than now makes it pending, earlier back-dates it; kept to the
 *     millisecond, as proxies count windows by it
 * @param trialDays free days before the first period; null for the plan's
 * @param expireAfterTrial whether it ends with its trial instead of going on
 * @param agreed the plan's price agreed with this buyer, per unit and period; null for the
 *     catalog's
 * @param addOns quantities of add-ons bought with it, by key
 * @param anchor an instant at which a period is to begin, such as the 1st or 31st of some month:
 *     the first period is a part of one up to the next such instant; null to let the catalog's
 *     alignment say
 */
public record Order(
    String tenant,
    String catalog,
    String plan,
    int quantity,
    CurrencyUnit currency,
    Cycle cycle,
    ZoneId zone,
    Instant startsAt,
    @Nullable Integer trialDays,
    boolean expireAfterTrial,
    @Nullable BigDecimal agreed,
    Map<String, Integer> addOns,
    @Nullable Instant anchor) {
  /** The most days a trial may have. */
  static final int MOST_TRIAL_DAYS = 366;

  /** An order whose periods begin as the catalog's alignment says. */
  public Order(
      String tenant,
      String catalog,
      String plan,
      int quantity,
      CurrencyUnit currency,
      Cycle cycle,
      ZoneId zone,
      Instant startsAt,
      @Nullable Integer trialDays,
      boolean expireAfterTrial,
      @Nullable BigDecimal agreed,
      Map<String, Integer> addOns) {
    this(
        tenant,
        catalog,
        plan,
        quantity,
        currency,
        cycle,
        zone,
        startsAt,
        trialDays,
        expireAfterTrial,
        agreed,
        addOns,
        null);
  }

  public Order {
    Objects.requireNonNull(tenant, "tenant");
    Objects.requireNonNull(catalog, "catalog");
    Objects.requireNonNull(plan, "plan");
    Objects.requireNonNull(currency, "currency");
    Objects.requireNonNull(cycle, "cycle");
    startsAt = startsAt.truncatedTo(ChronoUnit.MILLIS);
    addOns = Collections.unmodifiableMap(new LinkedHashMap<>(addOns));
    anchor = anchor == null ? null : anchor.truncatedTo(ChronoUnit.MILLIS);
  }
}
