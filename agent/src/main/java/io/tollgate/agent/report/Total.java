package io.tollgate.agent.report;

/** One feature's calls of one tenant in one UTC hour. Guarded by the ledger. */
final class Total {
  final String tenant;
  final String feature;

  /** Hours since 1970. */
  final long hour;

  /** Units counted; never falls. */
  long units;

  /** The greatest number of units the letterbox has acknowledged. */
  long acknowledged;

  Total(String tenant, String feature, long hour) {
    this.tenant = tenant;
    this.feature = feature;
    this.hour = hour;
  }
}
