package io.tollgate.proxy.limit;

import java.util.ArrayList;
import java.util.List;

/** The alerts of a quota's window as one node passes them on. Guarded by the tenant's escrow. */
final class NodeAlerts {
  private List<Integer> announced = List.of();

  /** Those of them that the control plane has. */
  private List<Integer> arrived = List.of();

  /** Those the cell is to hear of. */
  private List<Integer> known = List.of();

  /** Whether one was announced in vain. */
  private boolean unheard;

  /** Nobody kept an alert that was announced: it will be announced again. */
  void unheard(int percent) {
    if (announced.contains(percent)) {
      List<Integer> fewer = new ArrayList<>(announced);
      fewer.remove(Integer.valueOf(percent));
      announced = fewer;
      unheard = true;
    }
  }

  /** Whether an alert is to be announced again: the cell says it with its next answer. */
  boolean isUnheard() {
    return unheard;
  }

  /**
   * What of the cell's alerts this node has not announced yet; it is taken for announced now. A
   * cell that was lost meanwhile is told again what has arrived.
   */
  List<Integer> fresh(List<Integer> passed) {
    unheard = false;
    if (passed.isEmpty()) {
      return passed;
    }
    List<Integer> fresh = new ArrayList<>();
    for (Integer percent : passed) {
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
  void known(int percent) {
    arrived = with(arrived, percent);
    known = with(known, percent);
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
  List<Integer> tell() {
    List<Integer> told = known;
    known = List.of();
    return told;
  }
}
