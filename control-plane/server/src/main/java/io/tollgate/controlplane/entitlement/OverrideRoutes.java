package io.tollgate.controlplane.entitlement;

import io.tollgate.contract.Entitlements;
import io.tollgate.contract.OverLimit;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.web.Call;
import io.tollgate.controlplane.web.JsonFields;
import io.tollgate.controlplane.web.Problem;
import io.tollgate.controlplane.web.Reply;
import io.tollgate.controlplane.web.Role;
import io.tollgate.controlplane.web.Routes;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Overrides: made and revoked by staff, seen by the tenant. */
final class OverrideRoutes {
  private static final String OVERRIDES = "/api/billing/tenants/{tenant}/overrides";

  private final EntitlementDirectory directory;

  OverrideRoutes(EntitlementDirectory directory) {
    this.directory = directory;
  }

  /** What an override is about. */
  private enum Kind {
    FEATURE,
    LIMIT
  }

  void mount(Routes routes) {
    routes.get(OVERRIDES, Role.READERS, this::list);
    routes.post(OVERRIDES, Role.STAFF, this::add);
    routes.delete(OVERRIDES + "/{id}", Role.STAFF, this::revoke);
  }

  private Reply list(Call call, Transaction tx) {
    String tenant = call.path("tenant");
    call.mustBeOwn(tenant);
    directory.parts().tenants().get(tx, tenant);
    return Reply.ok(Map.of("items", directory.overrides().of(tx, tenant)));
  }

  private Reply add(Call call, Transaction tx) {
    String tenant = call.path("tenant");
    Entitlements document =
        directory.find(tx, tenant).orElseThrow(() -> Problem.notFound("tenant", tenant));
    Instant now = directory.parts().clocks().now(tx, tenant);
    JsonFields fields = call.fields();
    EntitlementOverride.Value value =
        switch (fields.oneOf("kind", Kind.class)) {
          case FEATURE -> feature(fields, features(tx, tenant));
          case LIMIT -> limit(fields, limits(document));
        };
    String reason = fields.text("reason");
    Instant expiresAt = fields.findInstant("expiresAt").orElse(null);
    if (expiresAt != null && !expiresAt.isAfter(now)) {
      throw fields.wrong("expiresAt", "an instant after " + now + " is expected");
    }
    fields.close();
    EntitlementOverride override =
        new EntitlementOverride(
            directory.parts().ids().next("ovr"), tenant, value, reason, now, expiresAt);
    directory.add(tx, call.principal().id(), override);
    return Reply.created(
        "/api/billing/tenants/" + tenant + "/overrides/" + override.id(), override);
  }

  private Reply revoke(Call call, Transaction tx) {
    String tenant = call.path("tenant");
    Instant now = directory.parts().clocks().now(tx, tenant);
    EntitlementOverride override =
        directory
            .overrides()
            .revoke(tx, tenant, call.path("id"), now)
            .orElseThrow(() -> Problem.notFound("override", call.path("id")));
    directory.tell(tx, call.principal().id(), "override.revoked", override);
    return Reply.noContent();
  }

  private static EntitlementOverride.Value feature(JsonFields fields, Set<String> known) {
    String key = fields.text("key");
    if (!known.contains(key)) {
      throw fields.wrong("key", "one of the catalog's features is expected: " + known);
    }
    return new EntitlementOverride.Value.OfFeature(
        key,
        fields.bool("enabled", true),
        fields.findWhole("limit", 0, Long.MAX_VALUE).orElse(null),
        fields.findText("level").orElse(null));
  }

  private static EntitlementOverride.Value limit(JsonFields fields, Set<String> known) {
    String key = fields.text("key");
    if (!known.contains(key)) {
      throw fields.wrong("key", "one of the tenant's limits is expected: " + known);
    }
    try {
      return new EntitlementOverride.Value.OfLimit(
          key,
          fields.findWhole("amount", 0, Long.MAX_VALUE).orElse(null),
          fields.findWhole("burst", 1, Long.MAX_VALUE).orElse(null),
          fields.findOneOf("behavior", OverLimit.Behavior.class).orElse(null));
    } catch (IllegalArgumentException e) {
      throw fields.wrong("amount", String.valueOf(e.getMessage()));
    }
  }

  private Set<String> features(Transaction tx, String tenant) {
    Set<String> known = new TreeSet<>();
    for (Subscription subscription : directory.parts().subscriptions().of(tx, tenant)) {
      known.addAll(
          directory
              .parts()
              .catalogs()
              .version(tx, subscription.catalog(), subscription.version())
              .catalog()
              .features()
              .keySet());
    }
    return known;
  }

  private static Set<String> limits(Entitlements document) {
    Set<String> known = new TreeSet<>();
    document.rates().forEach(rate -> known.add(rate.name()));
    document.quotas().forEach(quota -> known.add(quota.name()));
    document.concurrencies().forEach(concurrency -> known.add(concurrency.name()));
    return known;
  }
}
