package io.tollgate.contract;

import java.util.List;
import java.util.Objects;

/**
 * Alerts from one proxy. Told again until they are acknowledged; told twice, late or by several
 * proxies, each is one event.
 *
 * @param format {@link #FORMAT}
 * @param source the proxy's configured name
 * @param alerts at most 1000
 */
public record QuotaAlerts(int format, String source, List<QuotaAlert> alerts) {
  /** The format this code writes. */
  public static final int FORMAT = 1;

  public QuotaAlerts {
    Objects.requireNonNull(source, "source");
    alerts = List.copyOf(alerts);
    if (alerts.size() > 1000) {
      throw new IllegalArgumentException("alerts: at most 1000, not " + alerts.size());
    }
  }
}
