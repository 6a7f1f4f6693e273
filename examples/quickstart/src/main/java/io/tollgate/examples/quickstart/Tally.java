package io.tollgate.examples.quickstart;

import java.util.Map;
import java.util.TreeMap;

/**
 * What became of one tenant's calls, as its own program saw it, in units of the meter {@code
 * calls}: a light call is one unit, a heavy one five. Thread-safe.
 */
final class Tally {
  private long sent;
  private long admitted;
  private long limited;
  private long denied;
  private final Map<String, Long> features = new TreeMap<>();
  private final Map<String, Long> reasons = new TreeMap<>();

  /** A view of the numbers at one moment. */
  record View(
      long sent,
      long admitted,
      long limited,
      long denied,
      Map<String, Long> features,
      Map<String, Long> reasons) {
    boolean adds() {
      return sent == admitted + limited + denied;
    }
  }

  /** Books one call by its answer. What the service itself answers was admitted, failures too. */
  synchronized void book(Call call, Http.Answer answer) {
    sent += call.units();
    if (answer.status() < 400 || !answer.isProblem()) {
      admitted += call.units();
      if (!call.feature().isEmpty()) {
        features.merge(call.feature(), 1L, Long::sum);
      }
    } else if (answer.status() == 429) {
      limited += call.units();
      reasons.merge(answer.reason(), (long) call.units(), Long::sum);
    } else {
      denied += call.units();
      reasons.merge(answer.reason(), (long) call.units(), Long::sum);
    }
  }

  synchronized View view() {
    return new View(sent, admitted, limited, denied, Map.copyOf(features), Map.copyOf(reasons));
  }
}
