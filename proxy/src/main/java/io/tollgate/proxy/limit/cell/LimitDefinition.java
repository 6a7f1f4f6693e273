package io.tollgate.proxy.limit.cell;

import io.tollgate.contract.Recurrence;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A limit as its cell enforces it, at one version of the tenant's entitlements. Travels with every
 * lease request, so that a cell needs no other source of truth.
 *
 * @param limit the limit's name
 * @param kind the kind
 * @param amount rate: units refilled per {@code perMillis}; quota: units per window; concurrency:
 *     permits
 * @param burst rate: the bucket's size in units; else {@code amount}
 * @param perMillis rate: the refill's period, 1 s to 1 day; else 0
 * @param window quota: when the counter begins anew; null for a lifetime quota and other kinds
 * @param frozenAtMillis where the tenant's test clock stands, epoch milliseconds; {@link #LIVE} for
 *     none
 * @param beyond whether units above the limit are granted (warn, allow, bill or shadow)
 * @param bufferPercent percent of the limit granted, with a warning, before it is hard: 0 to 100
 * @param graceDays days after the limit was first passed during which it only warns: 0 to 366
 * @param alertPercents thresholds announced once a window, rising
 * @param ttlMillis concurrency: after which the permits of a silent node return; else 0
 * @param rooted whether units come in blocks from the quota's root; where units are granted beyond
 *     the limit, the root only counts them and nobody waits for it
 * @param paidAhead whether units of the amount were paid ahead, which other windows may have: what
 *     was granted and is not used goes back to the root
 */
public record LimitDefinition(
    String limit,
    Kind kind,
    long amount,
    long burst,
    long perMillis,
    @Nullable Recurrence window,
    long frozenAtMillis,
    boolean beyond,
    int bufferPercent,
    int graceDays,
    List<Integer> alertPercents,
    long ttlMillis,
    boolean rooted,
    boolean paidAhead) {
  /** {@code frozenAtMillis} of a tenant without a test clock. */
  public static final long LIVE = Long.MIN_VALUE;

  /** The greatest number of units any computation here holds: sums of a few of them do not wrap. */
  public static final long MOST = Long.MAX_VALUE / 1024;

  public LimitDefinition {
    Objects.requireNonNull(limit, "limit");
    Objects.requireNonNull(kind, "kind");
    alertPercents = List.copyOf(alertPercents);
    amount = Math.min(amount, MOST);
    burst = Math.min(burst, kind == Kind.RATE ? MOST / perMillis : MOST);
  }

  /**
   * A lease that takes less than one in so many of what is left, shared by all nodes, keeps nobody
   * from anything: it may last. What a bucket lacks its next refill brings, so that more of it may
   * be out; a quota's units that a node takes along when it dies are gone until the window ends.
   */
  long smallPart() {
    return kind == Kind.RATE ? 16 : 64;
  }

  /** Whether nothing is granted that the root has not granted before. */
  public boolean waitsForRoot() {
    return rooted && !beyond;
  }

  /**
   * Units that may be out beyond {@link #size}: the buffer, where there are grace days during them
   * only; any number in the grace days of a limit without a buffer.
   */
  long beyondSize(boolean inGrace) {
    if (graceDays > 0 && !inGrace) {
      return 0;
    }
    if (graceDays > 0 && bufferPercent == 0) {
      return MOST;
    }
    long size = size();
    return size / 100 * bufferPercent + size % 100 * bufferPercent / 100;
  }

  /** What the limit is called by: a bucket's burst, a quota's amount, the permits. */
  public long size() {
    return kind == Kind.RATE ? burst : amount;
  }
}
