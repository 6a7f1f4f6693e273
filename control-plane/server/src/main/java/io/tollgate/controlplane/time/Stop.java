package io.tollgate.controlplane.time;

import io.tollgate.controlplane.time.AgendaStore.Next;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Where a test clock stops on its way.
 *
 * @param at when
 * @param kinds what is due there, in the order in which it is done
 */
record Stop(Instant at, List<String> kinds) {
  /** The first stop of a clock that stands at an instant; empty where nothing is due. */
  static Optional<Stop> of(List<Next> next, Instant from) {
    return next.stream()
        .map(Next::dueAt)
        .min(Comparator.naturalOrder())
        .map(first -> first.isAfter(from) ? first : from)
        .map(
            at ->
                new Stop(
                    at,
                    next.stream()
                        .filter(each -> !each.dueAt().isAfter(at))
                        .map(Next::kind)
                        .toList()));
  }
}
