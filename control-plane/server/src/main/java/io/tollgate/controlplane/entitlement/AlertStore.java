package io.tollgate.controlplane.entitlement;

import io.tollgate.contract.QuotaAlert;
import io.tollgate.controlplane.database.Row;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.database.Unnest;
import io.tollgate.controlplane.web.PageRequest;
import java.time.Instant;
import java.util.List;

/** The SQL of quota alerts. */
final class AlertStore {
  /** After every id there is. */
  private static final String LAST = "b";

  private AlertStore() {}

  /** Stores alerts that are not known yet and returns those. */
  static List<RaisedAlert> insert(Transaction tx, String source, List<RaisedAlert> alerts) {
    return tx.list(
        "INSERT INTO quota_alerts (id, tenant, quota, counter, window_start, kind, percent, amount,"
            + " used, source, at)"
            + " SELECT id, tenant, quota, counter, window_start, kind, percent, amount, used, $11, at"
            + " FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[],"
            + " $6::text[], $7::int[], $8::bigint[], $9::bigint[], $10::timestamptz[])"
            + " AS a (id, tenant, quota, counter, window_start, kind, percent, amount, used, at)"
            + " ORDER BY tenant, quota, counter, window_start, kind, percent, amount"
            + " ON CONFLICT DO NOTHING RETURNING *",
        AlertStore::alert,
        Unnest.texts(alerts, RaisedAlert::id),
        Unnest.texts(alerts, RaisedAlert::tenant),
        Unnest.texts(alerts, RaisedAlert::quota),
        Unnest.texts(alerts, RaisedAlert::counter),
        alerts.stream().map(AlertStore::start).toArray(Instant[]::new),
        Unnest.texts(alerts, alert -> alert.kind().name()),
        alerts.stream().map(RaisedAlert::percent).toArray(Integer[]::new),
        alerts.stream().map(RaisedAlert::amount).toArray(Long[]::new),
        alerts.stream().map(RaisedAlert::used).toArray(Long[]::new),
        alerts.stream().map(RaisedAlert::at).toArray(Instant[]::new),
        source);
  }

  /** A tenant's alerts, the newest first. */
  static List<RaisedAlert> page(Transaction tx, String tenant, PageRequest page) {
    return tx.list(
        "SELECT * FROM quota_alerts WHERE tenant = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
        AlertStore::alert,
        tenant,
        page.after() == null ? LAST : page.after(),
        page.fetch());
  }

  private static Instant start(RaisedAlert alert) {
    Instant start = alert.windowStart();
    return start == null ? Instant.EPOCH : start;
  }

  private static RaisedAlert alert(Row row) {
    Instant start = row.instant("window_start");
    return new RaisedAlert(
        row.text("id"),
        row.text("tenant"),
        row.text("quota"),
        row.text("counter"),
        start.equals(Instant.EPOCH) ? null : start,
        QuotaAlert.Kind.valueOf(row.text("kind")),
        row.integer("percent"),
        row.whole("used"),
        row.whole("amount"),
        row.instant("at"));
  }
}
