package io.tollgate.controlplane.entitlement;

import io.tollgate.contract.OverLimit;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.web.Call;
import io.tollgate.controlplane.web.JsonFields;
import io.tollgate.controlplane.web.Problem;
import io.tollgate.controlplane.web.Reply;
import io.tollgate.controlplane.web.Role;
import io.tollgate.controlplane.web.Routes;
import java.time.Instant;
import java.util.Map;

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
    directory.parts().tenants().get(tx, tenant);
    JsonFields fields = call.fields();
    EntitlementOverride.Value value =
        switch (fields.oneOf("kind", Kind.class)) {
          case FEATURE -> feature(fields);
          case LIMIT -> limit(fields);
        };
    String reason = fields.text("reason");
    Instant expiresAt = fields.findInstant("expiresAt").orElse(null);
    fields.close();
    EntitlementOverride override =
        new EntitlementOverride(
            directory.parts().ids().next("ovr"),
            tenant,
            value,
            reason,
            directory.parts().clocks().now(tx, tenant),
            expiresAt);
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

  private static EntitlementOverride.Value feature(JsonFields fields) {
    return new EntitlementOverride.Value.OfFeature(
        fields.text("key"),
        fields.bool("enabled", true),
        fields.findWhole("limit", 0, Long.MAX_VALUE).orElse(null),
        fields.findText("level").orElse(null));
  }

  private static EntitlementOverride.Value limit(JsonFields fields) {
    try {
      return new EntitlementOverride.Value.OfLimit(
          fields.text("key"),
          fields.findWhole("amount", 0, Long.MAX_VALUE).orElse(null),
          fields.findWhole("burst", 1, Long.MAX_VALUE).orElse(null),
          fields.findOneOf("behavior", OverLimit.Behavior.class).orElse(null));
    } catch (IllegalArgumentException e) {
      throw fields.wrong("amount", String.valueOf(e.getMessage()));
    }
  }
}
