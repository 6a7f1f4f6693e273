package io.tollgate.proxy.admin;

import io.tollgate.contract.Entitlements;
import io.tollgate.contract.FeatureGrant;
import io.tollgate.contract.LimitOrigin;
import io.tollgate.contract.Standing;
import io.tollgate.proxy.decision.Decision.Refuse;
import io.tollgate.proxy.limit.Verdict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why calls were refused, as it was then.
 *
 * @param id as the callers were told it
 * @param at of the first of them, an instant of ISO 8601
 * @param tenant whose calls
 * @param key the API key's public id of the first; empty for none
 * @param route the route
 * @param status the answer's status
 * @param reason the kind of reason
 * @param detail the sentence the callers were told
 * @param plan the tenant's plan; empty without one
 * @param catalog the catalog and its version; empty without a subscription
 * @param entitlementsVersion the version of the tenant's entitlements
 * @param standing the tenant's billing state and access
 * @param feature the feature that the route needs, as the tenant had it, with what each plan,
 *     add-on and override did to it; null where it needs none
 * @param deciding the limit that refused; empty where none was asked
 * @param limits the limits that applied, in the order they were asked; empty where none was
 */
public record Denial(
    String id,
    String at,
    String tenant,
    String key,
    String route,
    int status,
    String reason,
    String detail,
    String plan,
    String catalog,
    long entitlementsVersion,
    Standing standing,
    @Nullable FeatureGrant feature,
    String deciding,
    List<Limit> limits) {
  public Denial {
    limits = List.copyOf(limits);
  }

  /**
   * A limit as the node knew it then.
   *
   * @param limit its name
   * @param kind its kind
   * @param size units: a bucket's burst, a quota's amount, the permits
   * @param remaining units left, as far as the node knew
   * @param resetSeconds until the window's end or enough refill; -1 for never or not known
   * @param windowSeconds how long a window or a bucket's period lasts; 0 for none
   * @param outcome what it said
   * @param origin the plan, add-on or override that had the last say
   * @param steps from which plan, add-on or override each part came, in their order
   */
  public record Limit(
      String limit,
      String kind,
      long size,
      long remaining,
      long resetSeconds,
      long windowSeconds,
      String outcome,
      String origin,
      List<LimitOrigin.Step> steps) {
    public Limit {
      steps = List.copyOf(steps);
    }

    static List<Limit> of(Entitlements entitlements, @Nullable Verdict verdict) {
      List<Limit> limits = new ArrayList<>();
      for (int i = 0; verdict != null && i < verdict.size(); i++) {
        limits.add(
            new Limit(
                verdict.name(i),
                verdict.kind(i).name(),
                verdict.limit(i),
                verdict.remaining(i),
                verdict.resetSeconds(i),
                verdict.windowSeconds(i),
                verdict.outcome(i).name(),
                verdict.origin(i),
                entitlements.stepsOf(verdict.name(i))));
      }
      return limits;
    }
  }

  /**
   * Who called, and for what.
   *
   * @param entitlements the tenant's
   * @param key the API key's public id; empty for none
   * @param route the route
   * @param feature the feature it needs; null for none
   */
  public record Caller(
      Entitlements entitlements, String key, String route, @Nullable String feature) {
    /** The feature as the tenant has it: one that nothing gave it is off. */
    @Nullable FeatureGrant grant() {
      if (feature == null) {
        return null;
      }
      return entitlements.features().stream()
          .filter(grant -> grant.feature().equals(feature))
          .findFirst()
          .orElseGet(() -> new FeatureGrant(feature, false, null, null, ""));
    }
  }

  static Denial of(String id, Instant at, Caller caller, Refuse refuse, @Nullable Verdict verdict) {
    Entitlements entitlements = caller.entitlements();
    return new Denial(
        id,
        at.toString(),
        entitlements.tenant(),
        caller.key(),
        caller.route(),
        refuse.status(),
        refuse.reason().name(),
        refuse.detail(),
        entitlements.plan(),
        entitlements.catalog(),
        entitlements.version(),
        entitlements.standing(),
        caller.grant(),
        verdict == null || verdict.deciding() < 0 ? "" : verdict.name(verdict.deciding()),
        Limit.of(entitlements, verdict));
  }
}
