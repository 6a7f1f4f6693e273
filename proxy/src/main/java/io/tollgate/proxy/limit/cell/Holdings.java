package io.tollgate.proxy.limit.cell;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What nodes were granted of one counter in its present window. */
final class Holdings {
  /** Node incarnations listed before the oldest silent ones are summed up. */
  private static final int LISTED = 32;

  private final List<Holding> listed;

  /** Units used by incarnations that are no longer listed. */
  private long base;

  /** What the present request has moved; null for nothing, as it is nearly always. */
  private CellFigures.@Nullable Flow flow;

  Holdings() {
    listed = new ArrayList<>(1);
  }

  Holdings(long base, List<Holding> listed) {
    this.base = base;
    this.listed = new ArrayList<>(listed);
  }

  List<Holding> listed() {
    return listed;
  }

  long base() {
    return base;
  }

  /** Units used or out. */
  long taken() {
    long taken = base;
    for (Holding holding : listed) {
      taken += holding.taken();
    }
    return taken;
  }

  /** Units with the nodes. */
  long outstanding() {
    long outstanding = 0;
    for (Holding holding : listed) {
      outstanding += holding.outstanding();
    }
    return outstanding;
  }

  /** Nodes other than the asking one that have units. */
  int holdersBeside(LeaseRequest request) {
    int holders = 0;
    for (Holding holding : listed) {
      boolean isOther = !holding.isOf(request.node(), request.incarnation());
      holders += isOther && holding.outstanding() > 0 ? 1 : 0;
    }
    return holders;
  }

  /** Until when leases last, by the owner's clock; 0 for none. */
  long lastExpiry() {
    long last = 0;
    for (Holding holding : listed) {
      last = Math.max(last, holding.outstanding() > 0 ? holding.expiresAt() : 0);
    }
    return last;
  }

  Holding of(String node, long incarnation) {
    for (Holding holding : listed) {
      if (holding.isOf(node, incarnation)) {
        return holding;
      }
    }
    return Holding.none(node, incarnation);
  }

  void put(Holding holding) {
    for (int i = 0; i < listed.size(); i++) {
      if (listed.get(i).isOf(holding.node(), holding.incarnation())) {
        flow().moved(listed.set(i, holding), holding);
        return;
      }
    }
    listed.add(holding);
    flow().moved(Holding.none(holding.node(), holding.incarnation()), holding);
  }

  /** The first lease that has run out unreported; null for none. */
  @Nullable Holding firstExpired(long now) {
    Holding first = null;
    for (Holding holding : listed) {
      boolean isExpired = holding.outstanding() > 0 && holding.expiresAt() <= now;
      if (isExpired && (first == null || holding.expiresAt() < first.expiresAt())) {
        first = holding;
      }
    }
    return first;
  }

  /**
   * Drops what silent incarnations no longer need.
   *
   * @param counts whether their use stays known as a sum, as a quota's does
   */
  void sumUp(boolean counts, long now) {
    if (counts && listed.size() <= LISTED) {
      return;
    }
    long hour = Duration.ofHours(1).toMillis();
    listed.removeIf(
        holding -> {
          boolean silent = holding.outstanding() == 0 && holding.expiresAt() + hour < now;
          if (silent && counts) {
            base += holding.taken();
          }
          return silent;
        });
  }

  /** The window is over, and what was granted in it means nothing any more. */
  void clear() {
    for (Holding holding : listed) {
      flow().ended(holding);
    }
    listed.clear();
    base = 0;
  }

  /** Takes in what another side of a split knows. */
  void merge(Holdings other) {
    for (Holding holding : other.listed) {
      put(Holding.later(of(holding.node(), holding.incarnation()), holding));
    }
    base = Math.max(base, other.base);
  }

  /** Enters what was moved since the last time into the books. */
  void enter(@Nullable CellFigures books) {
    if (books != null && flow != null) {
      books.add(flow);
    }
    flow = null;
  }

  private CellFigures.Flow flow() {
    if (flow == null) {
      flow = new CellFigures.Flow();
    }
    return flow;
  }
}
