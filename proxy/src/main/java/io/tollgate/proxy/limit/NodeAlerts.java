package io.tollgate.proxy.limit;

import java.util.ArrayList;
import java.util.List;

/** A quota's alerts as one node passes them on. Guarded by the tenant's escrow. */
final class NodeAlerts {
  private static final long NONE = -1;

  /** The limit's size that the alerts are of. */
  private long amount = NONE;

  private List<Integer> announced = List.of();

  /** Those of them that the control plane has. */
  private List<Integer> arrived = List.of();

  /** Those the cell is to hear of. */
  private List<Integer> known = List.of();

  /** Another window: its alerts are others. */
  void beginWindow() {
    amount = NONE;
    announced = List.of();
    arrived = List.of();
    known = List.of();
  }

  /**
   * What of the cell's alerts this node has not announced yet; it is taken for announced now. A
   * cell that was lost meanwhile is told again what has arrived.
   */
  List<Integer> fresh(LeaseReply.Grant grant) {
    if (grant.alerts().isEmpty()) {
      return grant.alerts();
    }
    if (grant.amount() != amount) {
      beginWindow();
      amount = grant.amount();
    }
    List<Integer> fresh = new ArrayList<>();
    for (Integer percent : grant.alerts()) {
      if (arrived.contains(percent)) {
        known = with(known, percent);
      } else if (!announced.contains(percent)) {
        announced = with(announced, percent);
        fresh.add(percent);
      }
    }
    return fresh;
  }

  /** The control plane has an alert of the present window. */
  void known(LimitAlert alert) {
    if (alert.amount() == amount) {
      arrived = with(arrived, alert.percent());
      known = with(known, alert.percent());
    }
  }

  private static List<Integer> with(List<Integer> percents, Integer percent) {
    if (percents.contains(percent)) {
      return percents;
    }
    List<Integer> more = new ArrayList<>(percents);
    more.add(percent);
    return more;
  }

  /** Whether the cell is to hear something. */
  boolean hasNews() {
    return !known.isEmpty();
  }

  /** What the cell is to hear; said once. */
  LeaseRequest.KnownAlerts tell() {
    if (known.isEmpty()) {
      return LeaseRequest.KnownAlerts.NONE;
    }
    LeaseRequest.KnownAlerts told = new LeaseRequest.KnownAlerts(amount, known);
    known = List.of();
    return told;
  }
}
