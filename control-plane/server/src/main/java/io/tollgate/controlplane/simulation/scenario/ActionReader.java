package io.tollgate.controlplane.simulation.scenario;

import io.tollgate.controlplane.simulation.scenario.ScriptedProvider.Means;
import io.tollgate.yaml.YamlMap;
import io.tollgate.yaml.YamlValue;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/** Reads what happens at a step. Stateless but for how it finds a catalog's text. */
final class ActionReader {
  private final Map<String, Reading> readings = new LinkedHashMap<>();

  /** Reads an action; local times are in the zone. */
  private interface Reading {
    Action read(YamlValue value, ZoneId zone);
  }

  /** A reader whose catalogs, texts and files beside the scenario are found so. */
  ActionReader(
      Function<YamlValue, CatalogText> catalogs,
      Function<YamlValue, String> texts,
      Function<YamlValue, Path> paths) {
    ofSubscriptions();
    ofMoney();
    ofTenants();
    ofCatalogs(new CatalogActions(catalogs, texts, paths));
  }

  private void ofSubscriptions() {
    readings.put("subscribe", SubscriptionActions::subscribe);
    readings.put("change", (value, zone) -> SubscriptionActions.change(value));
    readings.put("trial", (value, zone) -> SubscriptionActions.trial(value.map(), zone));
    readings.put("add-on", (value, zone) -> SubscriptionActions.addOn(value.map()));
    readings.put("preview", (value, zone) -> SubscriptionActions.preview(value.map(), zone));
    readings.put("estimate", (value, zone) -> SubscriptionActions.estimate(value.map()));
    readings.put("migrate", (value, zone) -> SubscriptionActions.migrate(value));
    readings.put("migrate-all", SubscriptionActions::migrateAll);
    readings.put("unschedule", (value, zone) -> SubscriptionActions.unschedule(value));
    readings.put("pause", SubscriptionActions::pause);
    readings.put("resume", yes(new Action.Resume()));
    readings.put("cancel", SubscriptionActions::cancel);
    readings.put("undo-cancel", yes(new Action.UndoCancel()));
    readings.put("reactivate", yes(new Action.Reactivate()));
    readings.put("coupon", (value, zone) -> new Action.Coupon(value.text(), false));
    readings.put("end-coupon", (value, zone) -> new Action.Coupon(value.text(), true));
  }

  private void ofMoney() {
    readings.put("usage", (value, zone) -> MoneyActions.use(value.map(), zone));
    readings.put("charge", (value, zone) -> MoneyActions.charge(value.map()));
    readings.put("finalize", yes(new Action.Finalize()));
    readings.put("pay", (value, zone) -> MoneyActions.pay(value));
    readings.put("pay-by", (value, zone) -> new Action.PayBy(value.oneOf(Means.class)));
    readings.put("collect", yes(new Action.Collect()));
    readings.put("credit", (value, zone) -> MoneyActions.credit(value.map()));
    readings.put("void", (value, zone) -> MoneyActions.withdraw(value));
    readings.put("refund", (value, zone) -> MoneyActions.refund(value));
    readings.put("deliver", (value, zone) -> MoneyActions.deliver(value.map()));
    readings.put("grant", (value, zone) -> MoneyActions.grant(value.map(), zone));
    readings.put("top-up", (value, zone) -> MoneyActions.topUp(value.map(), zone));
    readings.put("wallet", (value, zone) -> MoneyActions.wallet(value.map()));
    readings.put("reconcile", yes(new Action.Reconcile()));
  }

  private void ofTenants() {
    readings.put("override", (value, zone) -> TenantActions.override(value.map(), zone));
    readings.put("end-override", (value, zone) -> TenantActions.endOverride(value.map()));
    readings.put("update-tenant", (value, zone) -> TenantActions.update(value.map()));
    readings.put("archive-tenant", yes(new Action.ArchiveTenant()));
  }

  private void ofCatalogs(CatalogActions catalogs) {
    readings.put("apply", (value, zone) -> catalogs.apply(value));
    readings.put("dry-run", (value, zone) -> catalogs.dryRun(value));
    readings.put("archive", (value, zone) -> new Action.Archive(value.text()));
    readings.put("rerate", (value, zone) -> catalogs.rerate(value.map()));
    readings.put("export", (value, zone) -> CatalogActions.export(value));
    readings.put("import", (value, zone) -> catalogs.bring(value.map()));
    readings.put("document", (value, zone) -> catalogs.print(value));
  }

  private static Reading yes(Action action) {
    return (value, zone) -> ActionWords.yes(value, action);
  }

  /** The words for all actions, and others. */
  String[] keysAnd(String... others) {
    return Stream.concat(Stream.of(others), readings.keySet().stream()).toArray(String[]::new);
  }

  /** The one action of a step; looking, where it only has expectations. */
  Action read(YamlMap map, ZoneId zone) {
    List<Action> actions = new ArrayList<>();
    readings.forEach(
        (key, reading) -> map.find(key).ifPresent(value -> actions.add(reading.read(value, zone))));
    if (actions.size() > 1) {
      throw map.mistake("one thing happens at a step; write a step for each");
    }
    if (actions.isEmpty() && !map.has("expect")) {
      throw map.mistake(String.join(", ", readings.keySet()) + " or expect is expected");
    }
    return actions.isEmpty() ? new Action.Look() : actions.getFirst();
  }
}
