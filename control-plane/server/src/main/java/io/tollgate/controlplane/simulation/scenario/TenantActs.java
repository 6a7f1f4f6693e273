package io.tollgate.controlplane.simulation.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tollgate.controlplane.catalog.version.Catalogs;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.entitlement.EntitlementOverride;
import io.tollgate.controlplane.simulation.scenario.Scenario.Step;
import io.tollgate.controlplane.tenant.Tenant;
import io.tollgate.controlplane.tenant.Tenants;
import io.tollgate.controlplane.web.JsonFields;
import io.tollgate.controlplane.web.Wire;

/** Does what happens to tenants and catalogs. Not thread-safe. */
final class TenantActs {
  private final Stage stage;

  TenantActs(Stage stage) {
    this.stage = stage;
  }

  void take(Transaction tx, Step step, Action.OfTenant action) {
    Catalogs catalogs = stage.rooms().catalogs();
    switch (action) {
      case Action.SetEntitlement a -> override(tx, step, a);
      case Action.EndEntitlement a ->
          stage.rooms().entitlements().revoke(tx, Stage.ACTOR, stage.tenant(step), a.key());
      case Action.UpdateTenant a -> update(tx, step, a.details());
      case Action.ArchiveTenant a ->
          stage.rooms().tenants().archive(tx, Stage.ACTOR, stage.tenant(step));
      case Action.Apply a ->
          applied(step, catalogs.applyAs(tx, Stage.ACTOR, a.file(), a.catalog(), stage.catalog()));
      case Action.DryRun a ->
          applied(step, catalogs.dryRunAs(tx, a.file(), a.catalog(), stage.catalog()));
      case Action.Archive a ->
          applied(step, catalogs.archive(tx, Stage.ACTOR, stage.catalog(), a.what()));
    }
  }

  private void override(Transaction tx, Step step, Action.SetEntitlement a) {
    stage
        .rooms()
        .entitlements()
        .add(
            tx,
            Stage.ACTOR,
            new EntitlementOverride(
                "ovr_" + stage.reference(),
                stage.tenant(step),
                a.value(),
                Stage.ACTOR,
                step.at(),
                a.expires()));
  }

  /** What is not named stays; an empty text takes away. */
  private void update(Transaction tx, Step step, ObjectNode changed) {
    Tenant present = stage.owner(tx, step);
    ObjectNode fields = Wire.mapper().createObjectNode();
    fields.put("name", present.name());
    fields.put("zone", changed.path("zone").asText(present.zone().getId()));
    fields.put("currency", changed.path("currency").asText(present.currency().getCode()));
    ObjectNode billing = Wire.mapper().valueToTree(present.billing());
    billing.setAll((ObjectNode) changed.path("billing"));
    fields.set("billing", BuyerFields.without(billing));
    Tenants.Caller caller = new Tenants.Caller(Stage.ACTOR, seen -> {});
    stage.rooms().tenants().replace(tx, caller, present.id(), JsonFields.of(fields));
  }

  private void applied(Step step, Catalogs.Applied applied) {
    JsonNode result = Wire.mapper().valueToTree(applied);
    stage.keep(step, "applied", Wire.tree(stage.plain(result.toString())));
  }
}
