package io.tollgate.controlplane.entitlement;

import io.tollgate.contract.QuotaAlert;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A threshold that a tenant's use passed, as it is kept.
 *
 * @param id {@code alr_...}
 * @param tenant whose use
 * @param quota the quota's name
 * @param counter the scope's counter; empty for the tenant
 * @param windowStart start of the window; null for a lifetime quota
 * @param kind what was passed
 * @param percent the threshold in percent of the amount
 * @param used units used when it was noticed
 * @param amount the quota's size then
 * @param at when it was told, by the tenant's clock
 */
record RaisedAlert(
    String id,
    String tenant,
    String quota,
    String counter,
    @Nullable Instant windowStart,
    QuotaAlert.Kind kind,
    int percent,
    long used,
    long amount,
    Instant at) {
  static RaisedAlert of(String id, QuotaAlert alert, Instant at) {
    return new RaisedAlert(
        id,
        alert.tenant(),
        alert.quota(),
        alert.counter(),
        alert.windowStart(),
        alert.kind(),
        alert.percent(),
        alert.used(),
        alert.amount(),
        at);
  }

  /** The event's kind. */
  String event() {
    return switch (kind) {
      case THRESHOLD -> "quota.threshold";
      case OVER -> "quota.over";
    };
  }
}
