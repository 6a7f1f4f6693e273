package io.tollgate.proxy.limit.cell;

import java.util.ArrayList;
import java.util.List;

/**
 * What a quota's cell has to announce in its window. An alert is announced with every answer until
 * a node has said that the control plane has it: nodes may die with what they were told.
 *
 * @param due percentages that were passed; {@link #OVER} for the passing itself
 * @param known those of them that the control plane has
 */
public record CellAlerts(List<Integer> due, List<Integer> known) {
  /** In place of a percentage: the first unit beyond the limit was granted, by its policy. */
  public static final int OVER = 0;

  /** Nothing was passed yet. */
  public static final CellAlerts NONE = new CellAlerts(List.of(), List.of());

  public CellAlerts {
    due = List.copyOf(due);
    known = List.copyOf(known);
  }

  /** The same with an alert, if it is not due already. */
  CellAlerts with(int percent) {
    return due.contains(percent) ? this : new CellAlerts(plus(due, List.of(percent)), known);
  }

  /** The same with what the control plane has, whoever passed it. */
  CellAlerts learned(List<Integer> percents) {
    return percents.isEmpty() || known.containsAll(percents)
        ? this
        : new CellAlerts(plus(due, percents), plus(known, percents));
  }

  /** What is to be announced. */
  public List<Integer> unknown() {
    if (known.containsAll(due)) {
      return List.of();
    }
    List<Integer> unknown = new ArrayList<>(due);
    unknown.removeAll(known);
    return unknown;
  }

  /** Both sides of a split. */
  CellAlerts merged(CellAlerts other) {
    return new CellAlerts(plus(due, other.due), plus(known, other.known));
  }

  private static List<Integer> plus(List<Integer> some, List<Integer> more) {
    List<Integer> all = new ArrayList<>(some);
    more.stream().filter(percent -> !all.contains(percent)).forEach(all::add);
    return all;
  }
}
