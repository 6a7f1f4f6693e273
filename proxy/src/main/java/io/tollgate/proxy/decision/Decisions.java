package io.tollgate.proxy.decision;

import io.tollgate.contract.Access;
import io.tollgate.contract.Entitlements;
import io.tollgate.contract.FeatureGrant;
import io.tollgate.proxy.decision.Decision.Forward;
import io.tollgate.proxy.decision.Decision.Refuse;
import io.tollgate.proxy.limit.Outcome;
import io.tollgate.proxy.limit.Verdict;
import io.tollgate.proxy.limit.cell.Kind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The order in which reasons are weighed: identity, standing, feature, limits. What can be known
 * without taking a unit is asked first, so that a refused call costs nothing. Pure.
 */
public final class Decisions {
  /** Draft-ietf-httpapi-ratelimit-headers-10, section 5.1. */
  static final String QUOTA_EXCEEDED =
      "https://iana.org/assignments/http-problem-types#quota-exceeded";

  /** Draft-ietf-httpapi-ratelimit-headers-10, section 5.2. */
  static final String REDUCED_CAPACITY =
      "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity";

  /** What precedes the reason's word in the types of Tollgate's own. */
  static final String TYPES = "urn:tollgate:problem:";

  private final int blockedStatus;
  private final int quotaStatus;

  /**
   * Decisions by these settings.
   *
   * @param blockedStatus status for a tenant whose standing lets nothing pass: 402 or 403
   * @param quotaStatus status for a spent quota: 402, 403 or 429
   */
  public Decisions(int blockedStatus, int quotaStatus) {
    if (blockedStatus != 402 && blockedStatus != 403) {
      throw new IllegalArgumentException("blocked status: 402 or 403, not " + blockedStatus);
    }
    if (quotaStatus != 402 && quotaStatus != 403 && quotaStatus != 429) {
      throw new IllegalArgumentException("quota status: 402, 403 or 429, not " + quotaStatus);
    }
    this.blockedStatus = blockedStatus;
    this.quotaStatus = quotaStatus;
  }

  /** The credential is missing or unknown. */
  public Refuse unknownTenant(String why) {
    return refuse(Reason.UNKNOWN_TENANT, 401, "Unknown credential", why);
  }

  /** Whose call it is could not be found out in time. */
  public Refuse unavailable(String why) {
    return new Refuse(
        Reason.UNAVAILABLE, 503, REDUCED_CAPACITY, "Temporary reduced capacity", why, List.of(), 1);
  }

  /** Standing and feature: what is asked before any limit. */
  public Decision gate(Entitlements entitlements, boolean write, @Nullable String feature) {
    Access access = entitlements.standing().access();
    return switch (access) {
      case NONE ->
          refuse(
              Reason.BLOCKED,
              blockedStatus,
              blockedStatus == 402 ? "Payment required" : "Access blocked",
              entitlements.standing().reason());
      case READ_ONLY ->
          write
              ? refuse(Reason.READ_ONLY, 403, "Read-only access", entitlements.standing().reason())
              : feature(entitlements, feature);
      case FULL -> feature(entitlements, feature);
    };
  }

  /** Limits: what is asked last. */
  public Decision decide(Verdict verdict) {
    if (verdict.admitted()) {
      return Forward.FORWARD;
    }
    int deciding = verdict.deciding();
    if (verdict.outcome(deciding) == Outcome.DENIED_BLIND) {
      return new Refuse(
          Reason.LIMITS_UNAVAILABLE,
          503,
          REDUCED_CAPACITY,
          "Temporary reduced capacity",
          "The limit '" + verdict.name(deciding) + "' cannot be checked right now.",
          List.of(verdict.name(deciding)),
          1);
    }
    return spent(verdict, deciding);
  }

  private Refuse spent(Verdict verdict, int deciding) {
    List<String> violated = new ArrayList<>(1);
    long retryAfter = -1;
    for (int i = 0; i < verdict.size(); i++) {
      if (verdict.outcome(i) == Outcome.DENIED) {
        violated.add(verdict.name(i));
        retryAfter = Math.max(retryAfter, verdict.resetSeconds(i));
      }
    }
    Kind kind = verdict.kind(deciding);
    Reason reason =
        switch (kind) {
          case RATE -> Reason.RATE;
          case QUOTA -> Reason.QUOTA;
          case CONCURRENCY -> Reason.CONCURRENCY;
        };
    int status = kind == Kind.QUOTA ? quotaStatus : 429;
    return new Refuse(
        reason,
        status,
        QUOTA_EXCEEDED,
        "Request cannot be satisfied as assigned quota has been exceeded",
        detail(verdict, deciding),
        violated,
        retryAfter);
  }

  private static String detail(Verdict verdict, int i) {
    String limit = "The limit '" + verdict.name(i) + "' of " + verdict.limit(i);
    return switch (verdict.kind(i)) {
      case RATE -> limit + " is spent; it refills all the time.";
      case QUOTA ->
          verdict.resetSeconds(i) < 0
              ? limit + " is spent."
              : limit + " is spent until its window ends in " + verdict.resetSeconds(i) + " s.";
      case CONCURRENCY -> limit + " calls in flight is reached.";
    };
  }

  private static Decision feature(Entitlements entitlements, @Nullable String feature) {
    if (feature == null) {
      return Forward.FORWARD;
    }
    List<FeatureGrant> grants = entitlements.features();
    for (int i = 0; i < grants.size(); i++) {
      FeatureGrant grant = grants.get(i);
      if (grant.feature().equals(feature) && grant.enabled()) {
        return Forward.FORWARD;
      }
    }
    return refuse(
        Reason.FEATURE,
        403,
        "Feature not in plan",
        "The plan '" + entitlements.plan() + "' does not have the feature '" + feature + "'.");
  }

  private static Refuse refuse(Reason reason, int status, String title, String detail) {
    return new Refuse(reason, status, TYPES + reason.word(), title, detail, List.of(), -1);
  }
}
