package io.tollgate.controlplane.time;

import java.time.Instant;
import java.util.List;

/** A batch of one kind on a test clock, at one instant. For one thread. */
final class Round {
  private final String kind;
  private final Instant now;
  private boolean more = true;

  Round(String kind, Instant now) {
    this.kind = kind;
    this.now = now;
  }

  /** Notes whether what is scheduled is of its own kind and due at its instant. */
  void look(List<Work> works) {
    if (works.stream().anyMatch(w -> w.kind().equals(kind) && !w.dueAt().isAfter(now))) {
      more = true;
    }
  }

  /** Whether it begins, or has brought more of its own since it was asked last. */
  boolean goesOn() {
    boolean goesOn = more;
    more = false;
    return goesOn;
  }
}
