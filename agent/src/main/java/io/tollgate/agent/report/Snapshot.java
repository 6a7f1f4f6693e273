package io.tollgate.agent.report;

/** A total as it was sent; by the time of the answer it may have risen. */
final class Snapshot {
  final Total total;
  final long units;

  Snapshot(Total total) {
    this.total = total;
    this.units = total.units;
  }
}
