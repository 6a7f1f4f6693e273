package io.tollgate.proxy.limit;

import io.tollgate.proxy.limit.cell.Kind;
import java.util.function.Predicate;

/**
 * What the limits said to one call, limit by limit. A view on the {@link Call}: valid until the
 * call is reused, read by one thread at a time.
 */
public interface Verdict {
  /** Whether the call may pass. */
  boolean admitted();

  /** How many limits applied. */
  int size();

  /** Index of the limit that refused; -1 when admitted. */
  int deciding();

  /** The limit's name. */
  String name(int i);

  /** The limit's kind. */
  Kind kind(int i);

  /** Units: a quota's size, a bucket's burst, the number of permits. */
  long limit(int i);

  /** Units left as far as this node knows, at least 0; never more than are left in truth. */
  long remaining(int i);

  /**
   * Seconds, rounded up, until the quota's window ends, the bucket holds enough again, or it is
   * worth trying for a permit; -1 when that is never (a lifetime quota) or not known.
   */
  long resetSeconds(int i);

  /** Seconds the limit's window lasts; 0 where it has none. */
  long windowSeconds(int i);

  /** What the limit said. */
  Outcome outcome(int i);

  /**
   * Whether the call was admitted with units beyond a limit: some outcome is {@link Outcome#WARNED}
   * or {@link Outcome#SHADOW_DENIED}, or a privileged tenant's that is only counted.
   */
  boolean isOver();

  /** Where the limit comes from: {@code plan:KEY}, {@code addon:KEY} or {@code override:ID}. */
  String origin(int i);

  /** Whether it is a quota whose overage is billed. */
  boolean billed(int i);

  /** Whether the limit is in shadow mode: decided and counted, and nobody is refused. */
  boolean isShadow(int i);

  /**
   * Withdraws the admission where limits on these meters refuse and are spent by now, as far as the
   * cluster has said: they are {@link Outcome#DENIED} from then on. What was taken stays its
   * ticket's.
   *
   * @return whether it was withdrawn
   */
  boolean withdraw(Predicate<String> meters);

  /**
   * The constant {@code RateLimit-Policy} field value of the limits that applied, but for those in
   * shadow mode; "" for none.
   */
  String policyField();

  /** The ticket of an admitted call; that of a refused one holds nothing. */
  Ticket ticket();
}
