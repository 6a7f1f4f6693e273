package io.tollgate.controlplane.entitlement;

import io.tollgate.contract.Access;
import io.tollgate.contract.Entitlements;
import io.tollgate.contract.FeatureGrant;
import io.tollgate.contract.OverLimit;
import io.tollgate.contract.Period;
import io.tollgate.contract.QuotaLimit;
import io.tollgate.contract.Recurrence;
import io.tollgate.contract.Scope;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.usage.UsageSums;
import io.tollgate.controlplane.web.Call;
import io.tollgate.controlplane.web.Problem;
import io.tollgate.controlplane.web.Reply;
import io.tollgate.controlplane.web.Role;
import io.tollgate.controlplane.web.Routes;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /api/billing/quota} of document 001. A key is a quota's name, the meter of a quota of
 * the whole tenant, or a counted feature, whose meter has the feature's key.
 */
final class QuotaRoutes {
  private static final long MOST = 1_000_000_000_000L;

  private final EntitlementDirectory directory;

  QuotaRoutes(EntitlementDirectory directory) {
    this.directory = directory;
  }

  void mount(Routes routes) {
    routes.get("/api/billing/quota", Role.READERS, this::check).query("tenant", "key", "units");
  }

  private Reply check(Call call, Transaction tx) {
    String tenant = call.tenant();
    String key = call.requiredQuery("key");
    long units = call.query("units").map(QuotaRoutes::units).orElse(1L);
    Entitlements document =
        directory.find(tx, tenant).orElseThrow(() -> Problem.notFound("tenant", tenant));
    return Reply.ok(
        check(tx, document, key, units)
            .or(() -> blocked(tx, document, key, units))
            .orElseThrow(() -> unknown(document, key)));
  }

  /** What a blocked subscription would give is there, and not allowed: no caller is to pass it. */
  private Optional<QuotaCheckResult> blocked(
      Transaction tx, Entitlements document, String key, long units) {
    return directory.blocked(tx, document).stream()
        .flatMap(own -> check(tx, own, key, units).stream())
        .findFirst();
  }

  private Optional<QuotaCheckResult> check(
      Transaction tx, Entitlements document, String key, long units) {
    Optional<QuotaLimit> quota = quota(document, key);
    if (quota.isPresent()) {
      return quota.map(limit -> ofQuota(tx, document, limit, units));
    }
    return document.features().stream()
        .filter(grant -> grant.feature().equals(key))
        .findFirst()
        .map(feature -> ofFeature(tx, document, feature, units));
  }

  private static Optional<QuotaLimit> quota(Entitlements document, String key) {
    List<QuotaLimit> whole =
        document.quotas().stream().filter(q -> q.scope().kind() == Scope.Kind.TENANT).toList();
    return whole.stream()
        .filter(quota -> quota.name().equals(key))
        .findFirst()
        .or(() -> whole.stream().filter(quota -> quota.meter().equals(key)).findFirst());
  }

  private QuotaCheckResult ofQuota(
      Transaction tx, Entitlements document, QuotaLimit quota, long units) {
    Instant now = now(document);
    Recurrence rule = quota.window();
    Period window = rule == null ? null : rule.at(now);
    long used = used(tx, document, quota.meter(), window, now);
    boolean within = used <= quota.amount() && units <= quota.amount() - used;
    boolean passes = within || passes(tx, document, quota, used, units);
    String reason =
        within
            ? "within the limit"
            : "%d of %d used%s".formatted(used, quota.amount(), passes ? ", and not denied" : "");
    return result(
        document,
        new QuotaCheckResult(
            passes,
            Math.max(0, quota.amount() - used),
            used,
            quota.amount(),
            quota.over().behavior(),
            quota.name(),
            quota.meter(),
            window,
            reason));
  }

  /** What the root would say if so much were out: past the limit some policies still let pass. */
  private boolean passes(
      Transaction tx, Entitlements document, QuotaLimit quota, long used, long units) {
    Instant now = now(document);
    Recurrence rule = quota.window();
    BlockRule.Window known =
        QuotaBlocks.window(
            tx, document.tenant(), quota.name(), rule == null ? null : rule.at(now).start());
    BlockRule.Window counted =
        new BlockRule.Window(used, known.firstPassedAt(), known.passedAmount());
    return BlockRule.decide(quota, counted, units, 0, now).granted() == units;
  }

  private QuotaCheckResult ofFeature(
      Transaction tx, Entitlements document, FeatureGrant feature, long units) {
    long used = used(tx, document, feature.feature(), null, now(document));
    Long limit = feature.enabled() ? feature.limit() : Long.valueOf(0);
    boolean within = limit == null || (used <= limit && units <= limit - used);
    String reason =
        !feature.enabled()
            ? "the plan does not have the feature"
            : within ? "within the limit" : "%d of %d used".formatted(used, limit);
    return result(
        document,
        new QuotaCheckResult(
            within,
            limit == null ? null : Math.max(0, limit - used),
            used,
            limit,
            OverLimit.Behavior.DENY,
            feature.feature(),
            feature.feature(),
            null,
            reason));
  }

  /** Whoever has no access may not use one more, whatever is left. */
  private static QuotaCheckResult result(Entitlements document, QuotaCheckResult by) {
    if (document.standing().access() != Access.NONE) {
      return by;
    }
    return new QuotaCheckResult(
        false,
        by.remaining(),
        by.used(),
        by.limit(),
        by.behavior(),
        by.key(),
        by.meter(),
        by.window(),
        document.standing().reason());
  }

  /** Corrections may go below nothing; nobody may use more than the limit for that. */
  private long used(
      Transaction tx, Entitlements document, String meter, @Nullable Period window, Instant now) {
    UsageSums sums = directory.parts().usage();
    long units =
        window == null
            ? sums.level(tx, document.tenant(), meter, now.plus(1, ChronoUnit.HOURS))
            : sums.units(tx, document.tenant(), meter, window);
    return Math.max(0, units);
  }

  private Instant now(Entitlements document) {
    Instant frozenAt = document.frozenAt();
    return frozenAt == null ? directory.parts().clocks().wall().instant() : frozenAt;
  }

  private static Problem unknown(Entitlements document, String key) {
    TreeSet<String> known = new TreeSet<>();
    document.quotas().forEach(quota -> known.add(quota.name()));
    document.features().forEach(feature -> known.add(feature.feature()));
    return new Problem(
        404,
        "not-found",
        "Not found",
        "there is no quota or feature " + key + "; the tenant has " + known);
  }

  private static long units(String text) {
    if (!text.matches("\\d{1,12}")) {
      throw Problem.invalid("units", "a whole number from 0 to " + MOST + " is expected");
    }
    return Long.parseLong(text);
  }
}
