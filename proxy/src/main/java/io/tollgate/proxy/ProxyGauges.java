package io.tollgate.proxy;

import io.tollgate.proxy.admin.ProxyMetrics;
import io.tollgate.proxy.entitlement.EntitlementCache;
import io.tollgate.proxy.tenant.TokenStatus;
import io.tollgate.proxy.usage.Shipper;
import java.util.function.Supplier;

/** What the rooms say of themselves whenever metrics are read. */
final class ProxyGauges {
  private ProxyGauges() {}

  static void knowledge(ProxyMetrics metrics, EntitlementCache entitlements) {
    metrics.gauge("tollgate_tenants", "Tenants in memory", () -> entitlements.status().tenants());
    metrics.gauge(
        "tollgate_entitlements_age_seconds",
        "Since the control plane was last heard of",
        () -> entitlements.staleness().toMillis() / 1000.0);
    metrics.gauge(
        "tollgate_unknown_tenants",
        "Tenants remembered as unknown",
        () -> entitlements.status().unknownTenants());
    metrics.gauge(
        "tollgate_unknown_keys",
        "Keys remembered as unknown",
        () -> entitlements.status().unknownKeys());
    metrics.gauge(
        "tollgate_lookups_refused",
        "Look-ups of keys and tenants not made because there were too many",
        () -> entitlements.status().lookupsRefused());
    metrics.gauge(
        "tollgate_lookups_failed",
        "Look-ups of keys and tenants without an answer",
        () -> entitlements.status().lookupsFailed());
    metrics.gauge(
        "tollgate_control_plane_connected",
        "Whether the change stream stands",
        () -> entitlements.status().connected() ? 1 : 0);
  }

  /**
   * Of tokens.
   *
   * @param status of the resolver in force
   */
  static void tokens(ProxyMetrics metrics, Supplier<TokenStatus> status) {
    metrics.gauge("tollgate_tokens", "Tokens in memory", () -> status.get().known());
    metrics.gauge(
        "tollgate_tokens_verified", "Signatures looked at", () -> status.get().verified());
    metrics.gauge(
        "tollgate_tokens_turned_away",
        "Tokens not looked at because too many others were",
        () -> status.get().turnedAway());
    metrics.gauge(
        "tollgate_token_keys_failed",
        "Fetches of issuers' keys that failed",
        () -> status.get().keyFailures());
  }

  static void usage(ProxyMetrics metrics, Shipper shipper) {
    metrics.gauge(
        "tollgate_usage_unshipped_units",
        "Units counted and not yet acknowledged",
        () -> shipper.status().unshippedUnits());
    metrics.gauge(
        "tollgate_usage_oldest_unshipped_seconds",
        "How long the oldest of them waits",
        () -> shipper.status().oldestUnshipped().toMillis() / 1000.0);
    metrics.gauge(
        "tollgate_usage_refused_units",
        "Units the control plane refused for ever",
        () -> shipper.status().refusedUnits());
    metrics.gauge(
        "tollgate_usage_forced_age_seconds",
        "Since the journal was last forced to disk: what a loss of power could take",
        () -> shipper.status().forcedAgo().toMillis() / 1000.0);
    metrics.gauge(
        "tollgate_usage_journal_files",
        "Files of the journal",
        () -> shipper.status().journalFiles());
    metrics.gauge(
        "tollgate_usage_failed_messages",
        "Messages that had to be sent again",
        () -> shipper.status().failures());
    metrics.gauge(
        "tollgate_usage_volatile_counters",
        "Counters that could not be put into a file: the disk is full",
        () -> shipper.status().volatileCounters());
  }
}
