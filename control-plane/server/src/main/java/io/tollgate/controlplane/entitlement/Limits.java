package io.tollgate.controlplane.entitlement;

import io.tollgate.contract.ConcurrencyLimit;
import io.tollgate.contract.Entitlements;
import io.tollgate.contract.LimitOrigin;
import io.tollgate.contract.LimitOrigin.Effect;
import io.tollgate.contract.OverLimit;
import io.tollgate.contract.QuotaLimit;
import io.tollgate.contract.RateLimit;
import io.tollgate.contract.Recurrence;
import io.tollgate.contract.Scope;
import io.tollgate.controlplane.catalog.LimitSpec;
import io.tollgate.controlplane.catalog.Meter;
import io.tollgate.controlplane.subscription.Subscription;
import java.math.BigInteger;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A tenant's limits while they are put together: what the plan states, enlarged by add-ons, then
 * replaced by overrides. Amounts saturate at the greatest long instead of overflowing. Not
 * thread-safe.
 */
final class Limits {
  /** What the origin of units paid ahead begins with. */
  private static final String WALLET = "wallet:";

  private static final BigInteger GREATEST = BigInteger.valueOf(Long.MAX_VALUE);

  private record Entry(
      LimitSpec spec,
      Recurrence recurrence,
      OverLimit over,
      long greatestCost,
      List<LimitOrigin.Step> steps) {
    /** Who had the last say. */
    String origin() {
      return steps.getLast().origin();
    }

    /** The larger of two plans' limits: it came to be what it is over the other one. */
    Entry over(Entry smaller) {
      List<LimitOrigin.Step> all = new ArrayList<>(smaller.steps());
      all.addAll(steps);
      return new Entry(spec, recurrence, over, Math.max(greatestCost, smaller.greatestCost()), all);
    }

    Entry changed(LimitSpec after, String origin, Effect effect, long by) {
      return changed(after, over, step(after, origin, effect, by, null));
    }

    Entry changed(LimitSpec after, OverLimit overAfter, LimitOrigin.Step step) {
      List<LimitOrigin.Step> all = new ArrayList<>(steps);
      all.add(step);
      return new Entry(after, recurrence, overAfter, greatestCost, all);
    }
  }

  private final Map<String, Entry> entries = new LinkedHashMap<>();

  /**
   * Takes over a plan's limits. Of two plans' limits of one name the larger is kept.
   *
   * @param meters the catalog's, by key
   */
  void addPlan(
      List<LimitSpec> specs, Map<String, Meter> meters, Subscription subscription, String origin) {
    for (LimitSpec spec : specs) {
      OverLimit over = over(spec);
      if (over == null) {
        continue;
      }
      Recurrence rule = toTheMillisecond(subscription.recurrence());
      entries.merge(
          spec.name(),
          new Entry(
              spec,
              rule,
              over,
              greatestCost(spec, meters),
              List.of(step(spec, origin, Effect.SET, amount(spec), over.behavior()))),
          (a, b) -> amount(b.spec()) > amount(a.spec()) ? b.over(a) : a.over(b));
    }
  }

  /** The most units a single call takes of a rate: a smaller bucket would never let it pass. */
  private static long greatestCost(LimitSpec spec, Map<String, Meter> meters) {
    Meter meter = spec instanceof LimitSpec.Rate rate ? meters.get(rate.meter()) : null;
    return meter == null ? 1 : meter.greatestCost();
  }

  /** Enlarges a limit by units; no effect on a limit the tenant does not have. */
  void plus(String name, long units, String origin) {
    entries.computeIfPresent(
        name,
        (key, entry) ->
            entry.changed(
                plus(entry.spec(), BigInteger.valueOf(units)), origin, Effect.ADD, units));
  }

  /** Multiplies a limit; no effect on a limit the tenant does not have. */
  void times(String name, int factor, String origin) {
    entries.computeIfPresent(
        name,
        (key, entry) ->
            entry.changed(times(entry.spec(), factor), origin, Effect.MULTIPLY, factor));
  }

  /** Replaces parts of a limit; no effect on a limit the tenant does not have. */
  void override(EntitlementOverride.Value.OfLimit value, String origin) {
    entries.computeIfPresent(
        value.key(),
        (name, entry) -> {
          LimitSpec after = set(entry, value.amount(), value.burst());
          OverLimit.Behavior behavior = value.behavior();
          Effect effect = value.amount() == null ? Effect.KEEP : Effect.SET;
          long by = value.amount() == null ? 0 : value.amount();
          return entry.changed(
              after,
              behavior == null ? entry.over() : with(entry.over(), behavior),
              step(after, origin, effect, by, behavior));
        });
  }

  /**
   * Enlarges quotas of the whole tenant by what it has paid ahead in their meters and has not used
   * up in other windows. Last, because nothing multiplies or replaces what was paid for.
   */
  void prepay(Resolution.Prepaid prepaid, Instant now) {
    for (Map.Entry<String, Entry> each : entries.entrySet()) {
      Entry entry = each.getValue();
      if (entry.spec() instanceof LimitSpec.Quota quota && quota.scope().equals(Scope.TENANT)) {
        Recurrence rule = window(quota.window(), entry.recurrence());
        long units =
            prepaid.units(quota.name(), quota.meter(), rule == null ? null : rule.at(now).start());
        if (units > 0) {
          each.setValue(
              entry.changed(
                  plus(quota, BigInteger.valueOf(units)),
                  WALLET + quota.meter(),
                  Effect.ADD,
                  units));
        }
      }
    }
  }

  /** When the next window begins of a quota that what was paid ahead enlarges; null for never. */
  static @Nullable Instant nextWindow(Entitlements document, Instant now) {
    return document.quotas().stream()
        .filter(
            quota ->
                document.stepsOf(quota.name()).stream()
                    .anyMatch(step -> step.origin().startsWith(WALLET)))
        .map(QuotaLimit::window)
        .filter(Objects::nonNull)
        .map(window -> window.at(now).end())
        .min(Instant::compareTo)
        .orElse(null);
  }

  /** Units of a quota's amount that were paid ahead: at least 0. */
  static long prepaid(Entitlements document, QuotaLimit quota) {
    return document.stepsOf(quota.name()).stream()
        .filter(step -> step.origin().startsWith(WALLET))
        .mapToLong(LimitOrigin.Step::by)
        .sum();
  }

  /** How each limit came to be what it is. */
  List<LimitOrigin> origins() {
    return entries.entrySet().stream()
        .map(entry -> new LimitOrigin(entry.getKey(), entry.getValue().steps()))
        .toList();
  }

  private static LimitOrigin.Step step(
      LimitSpec after,
      String origin,
      Effect effect,
      long by,
      OverLimit.@Nullable Behavior behavior) {
    Long burst = after instanceof LimitSpec.Rate rate ? Long.valueOf(rate.burst()) : null;
    return new LimitOrigin.Step(origin, effect, by, amount(after), burst, behavior);
  }

  List<RateLimit> rates() {
    List<RateLimit> rates = new ArrayList<>();
    for (Entry entry : entries.values()) {
      if (entry.spec() instanceof LimitSpec.Rate rate) {
        rates.add(
            new RateLimit(
                rate.name(),
                rate.meter(),
                rate.scope(),
                rate.amount(),
                rate.per(),
                rate.burst(),
                entry.over(),
                rate.shadow(),
                entry.origin()));
      }
    }
    return rates;
  }

  List<QuotaLimit> quotas() {
    List<QuotaLimit> quotas = new ArrayList<>();
    for (Entry entry : entries.values()) {
      if (entry.spec() instanceof LimitSpec.Quota quota) {
        quotas.add(
            new QuotaLimit(
                quota.name(),
                quota.meter(),
                quota.scope(),
                quota.amount(),
                window(quota.window(), entry.recurrence()),
                entry.over(),
                quota.shadow(),
                entry.origin()));
      }
    }
    return quotas;
  }

  List<ConcurrencyLimit> concurrencies() {
    List<ConcurrencyLimit> concurrencies = new ArrayList<>();
    for (Entry entry : entries.values()) {
      if (entry.spec() instanceof LimitSpec.Concurrency concurrency) {
        concurrencies.add(
            new ConcurrencyLimit(
                concurrency.name(),
                concurrency.scope(),
                concurrency.permits(),
                concurrency.ttl(),
                entry.over(),
                concurrency.shadow(),
                entry.origin()));
      }
    }
    return concurrencies;
  }

  /** Proxies count a window by the millisecond it starts at, and ask for its units by that. */
  private static Recurrence toTheMillisecond(Recurrence rule) {
    return new Recurrence(
        rule.anchor().truncatedTo(ChronoUnit.MILLIS), rule.unit(), rule.count(), rule.zone());
  }

  /** When a quota's window begins anew, for one subscription's periods. */
  static @Nullable Recurrence window(LimitSpec.Window window, Recurrence rule) {
    ZonedDateTime anchor = rule.anchor().atZone(rule.zone());
    return switch (window) {
      case HOUR -> new Recurrence(rule.anchor(), Recurrence.Unit.HOUR, 1, rule.zone());
      case DAY ->
          new Recurrence(
              anchor.truncatedTo(ChronoUnit.DAYS).toInstant(), Recurrence.Unit.DAY, 1, rule.zone());
      case MONTH -> new Recurrence(rule.anchor(), Recurrence.Unit.MONTH, 1, rule.zone());
      case CALENDAR_MONTH ->
          new Recurrence(
              anchor.truncatedTo(ChronoUnit.DAYS).withDayOfMonth(1).toInstant(),
              Recurrence.Unit.MONTH,
              1,
              rule.zone());
      case BILLING_PERIOD -> rule;
      case LIFETIME -> null;
    };
  }

  private static @Nullable OverLimit over(LimitSpec spec) {
    return switch (spec) {
      case LimitSpec.Rate rate -> rate.over();
      case LimitSpec.Quota quota -> quota.over();
      case LimitSpec.Concurrency concurrency -> concurrency.over();
      case LimitSpec.Unlimited unlimited -> null;
    };
  }

  private static long amount(LimitSpec spec) {
    return switch (spec) {
      case LimitSpec.Rate rate -> rate.amount();
      case LimitSpec.Quota quota -> quota.amount();
      case LimitSpec.Concurrency concurrency -> concurrency.permits();
      case LimitSpec.Unlimited unlimited -> Long.MAX_VALUE;
    };
  }

  private static LimitSpec plus(LimitSpec spec, BigInteger units) {
    return switch (spec) {
      case LimitSpec.Rate rate -> {
        long amount = saturated(BigInteger.valueOf(rate.amount()).add(units));
        yield set(rate, amount, saturated(BigInteger.valueOf(rate.burst()).add(units)));
      }
      case LimitSpec.Quota quota ->
          set(quota, saturated(BigInteger.valueOf(quota.amount()).add(units)), null);
      case LimitSpec.Concurrency concurrency ->
          set(concurrency, saturated(BigInteger.valueOf(concurrency.permits()).add(units)), null);
      case LimitSpec.Unlimited unlimited -> unlimited;
    };
  }

  private static LimitSpec times(LimitSpec spec, int factor) {
    BigInteger by = BigInteger.valueOf(factor);
    long amount = saturated(BigInteger.valueOf(amount(spec)).multiply(by));
    return spec instanceof LimitSpec.Rate rate
        ? set(spec, amount, saturated(BigInteger.valueOf(rate.burst()).multiply(by)))
        : set(spec, amount, null);
  }

  /** A bucket that is lowered with its rate still lets each call pass. */
  private static LimitSpec set(Entry entry, @Nullable Long amount, @Nullable Long burst) {
    LimitSpec after = set(entry.spec(), amount, burst);
    return burst == null && after instanceof LimitSpec.Rate rate
        ? set(rate, null, Math.max(rate.burst(), entry.greatestCost()))
        : after;
  }

  private static LimitSpec set(LimitSpec spec, @Nullable Long amount, @Nullable Long burst) {
    return switch (spec) {
      case LimitSpec.Rate r -> {
        long units = amount == null ? r.amount() : Math.max(1, amount);
        yield new LimitSpec.Rate(
            r.name(),
            r.meter(),
            r.scope(),
            units,
            r.per(),
            burst == null ? scaledBurst(r, units) : burst,
            r.over(),
            r.shadow());
      }
      case LimitSpec.Quota q ->
          new LimitSpec.Quota(
              q.name(),
              q.meter(),
              q.scope(),
              amount == null ? q.amount() : amount,
              q.window(),
              q.over(),
              q.shadow());
      case LimitSpec.Concurrency c ->
          new LimitSpec.Concurrency(
              c.name(),
              c.scope(),
              amount == null ? c.permits() : Math.max(1, amount),
              c.ttl(),
              c.over(),
              c.shadow());
      case LimitSpec.Unlimited unlimited -> unlimited;
    };
  }

  private static long scaledBurst(LimitSpec.Rate rate, long amount) {
    BigInteger scaled =
        BigInteger.valueOf(rate.burst())
            .multiply(BigInteger.valueOf(amount))
            .divide(BigInteger.valueOf(rate.amount()));
    return Math.max(1, saturated(scaled));
  }

  private static long saturated(BigInteger value) {
    return value.min(GREATEST).longValueExact();
  }

  private static OverLimit with(OverLimit over, OverLimit.Behavior behavior) {
    return new OverLimit(behavior, over.bufferPercent(), over.graceDays(), over.alertPercents());
  }
}
