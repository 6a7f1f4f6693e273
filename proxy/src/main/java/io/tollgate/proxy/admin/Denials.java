package io.tollgate.proxy.admin;

import io.tollgate.proxy.admin.Denial.Caller;
import io.tollgate.proxy.decision.Decision.Refuse;
import io.tollgate.proxy.limit.Verdict;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The last refusals, by the id their callers were told. A tenant that is refused for one reason on
 * one route again and again within a second gets one id for it: a flood of refusals of one tenant
 * does not wash out what others want explained. Thread-safe; bounded.
 */
public final class Denials {
  private static final long SAME_MILLIS = 1_000;

  private final String prefix;
  private final int most;
  private final InstantSource clock;
  private final ArrayDeque<Kept> order = new ArrayDeque<>();
  private final Map<String, Kept> byId = new HashMap<>();
  private final Map<Cause, Kept> latest = new HashMap<>();
  private long number;

  /** What makes two refusals one. */
  private record Cause(
      String tenant, String route, String reason, int deciding, long entitlementsVersion) {}

  private record Kept(Cause cause, Denial denial, long atMillis) {}

  /**
   * An empty ring.
   *
   * @param prefix what every id begins with, unlike any other start of any proxy
   * @param most refusals kept, at least 1; about 1 KiB each
   * @param clock when they were
   */
  public Denials(String prefix, int most, InstantSource clock) {
    this.prefix = prefix;
    this.most = most;
    this.clock = clock;
  }

  /** Keeps a refusal; its id. */
  public synchronized String keep(Caller caller, Refuse refuse, @Nullable Verdict verdict) {
    long now = clock.millis();
    Cause cause =
        new Cause(
            caller.entitlements().tenant(),
            caller.route(),
            refuse.reason().name(),
            verdict == null ? -1 : verdict.deciding(),
            caller.entitlements().version());
    Kept known = latest.get(cause);
    if (known != null && now - known.atMillis() < SAME_MILLIS) {
      return known.denial().id();
    }
    String id = prefix + Long.toString(++number, Character.MAX_RADIX);
    Kept kept = new Kept(cause, Denial.of(id, clock.instant(), caller, refuse, verdict), now);
    order.addLast(kept);
    byId.put(id, kept);
    latest.put(cause, kept);
    if (order.size() > most) {
      Kept oldest = order.removeFirst();
      byId.remove(oldest.denial().id());
      latest.remove(oldest.cause(), oldest);
    }
    return id;
  }

  /** A refusal; null where it was not here, or is no longer kept. */
  public synchronized @Nullable Denial find(String id) {
    Kept kept = byId.get(id);
    return kept == null ? null : kept.denial();
  }
}
