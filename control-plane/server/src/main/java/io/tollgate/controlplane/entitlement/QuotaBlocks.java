package io.tollgate.controlplane.entitlement;

import io.tollgate.contract.Period;
import io.tollgate.contract.QuotaBlock;
import io.tollgate.contract.QuotaBlockRequest;
import io.tollgate.contract.QuotaLimit;
import io.tollgate.contract.Recurrence;
import io.tollgate.controlplane.database.Row;
import io.tollgate.controlplane.database.Transaction;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The exact root of hard quotas: limit clusters get the units they hand out here, in blocks. One
 * row per window is locked for each grant, so that however many clusters ask at once, no more than
 * the quota's amount is ever out.
 */
final class QuotaBlocks {
  /** Longer than any cluster repeats a request. */
  private static final Duration KEPT = Duration.ofDays(7);

  private final DocumentStore documents;
  private final InstantSource wallClock;
  private final PaidIn paidIn;

  QuotaBlocks(DocumentStore documents, InstantSource wallClock, PaidIn paidIn) {
    this.documents = documents;
    this.wallClock = wallClock;
    this.paidIn = paidIn;
  }

  /** What tenants have paid ahead. */
  @FunctionalInterface
  interface PaidIn {
    /** Units of the meter that were ever paid in. */
    long units(Transaction tx, String tenant, String meter);
  }

  /** A window as it is stored, with what it has taken of units paid ahead. */
  private record Stored(BlockRule.Window window, long prepaid) {}

  /** The answer to a request. */
  sealed interface Answer {
    /** Decided; perhaps with nothing granted. */
    record Granted(QuotaBlock block) implements Answer {}

    /** The tenant has no such quota. */
    record Unknown(String why) implements Answer {}

    /** The request's id was used for another request. */
    record Conflict(String why) implements Answer {}
  }

  /** Grants units, at most as many as are wanted and left. Idempotent on the request's id. */
  Answer grant(Transaction tx, QuotaBlockRequest request) {
    Optional<Instant> frozenAt = Optional.empty();
    Optional<QuotaLimit> quota = Optional.empty();
    long prepaid = 0;
    var document = documents.find(tx, request.tenant());
    if (document.isPresent()) {
      frozenAt = Optional.ofNullable(document.get().frozenAt());
      quota =
          document.get().quotas().stream()
              .filter(candidate -> candidate.name().equals(request.quota()))
              .findFirst();
      prepaid = quota.map(found -> Limits.prepaid(document.get(), found)).orElse(0L);
    }
    if (quota.isEmpty()) {
      return new Answer.Unknown(
          "the tenant " + request.tenant() + " has no quota " + request.quota());
    }
    Instant start = request.windowStart() == null ? Instant.EPOCH : request.windowStart();
    Stored stored = lock(tx, request, start);
    Optional<Answer> earlier = earlier(tx, request, start, stored.window());
    if (earlier.isPresent()) {
      return earlier.get();
    }
    Instant now = frozenAt.orElseGet(wallClock::instant);
    long units = isWindow(quota.get(), request.windowStart(), now) ? request.units() : 0;
    PrepaidRule.Account account = account(tx, request, quota.get(), prepaid, stored);
    PrepaidRule.Asked asked = new PrepaidRule.Asked(units, request.returned());
    PrepaidRule decided =
        PrepaidRule.decide(quota.get(), prepaid, stored.window(), account, asked, now);
    BlockRule rule = decided.block();
    store(tx, request, start, new Stored(rule.window(), decided.account().byWindow()));
    if (decided.account().taken() != account.taken()) {
      PrepaidStore.store(tx, request.tenant(), request.quota(), decided.account().taken());
    }
    QuotaBlock block =
        new QuotaBlock(
            QuotaBlock.FORMAT,
            request.requestId(),
            rule.granted(),
            rule.window().outstanding(),
            quota.get().amount(),
            rule.window().firstPassedAt());
    remember(tx, request, start, block);
    forget(tx, request, quota.get(), now);
    return new Answer.Granted(block);
  }

  /** What was paid ahead, locked; nothing where that does not matter. */
  private PrepaidRule.Account account(
      Transaction tx, QuotaBlockRequest request, QuotaLimit quota, long prepaid, Stored stored) {
    if (prepaid == 0 && stored.prepaid() == 0) {
      return new PrepaidRule.Account(0, 0, 0);
    }
    long taken = PrepaidStore.lock(tx, request.tenant(), request.quota());
    return new PrepaidRule.Account(
        paidIn.units(tx, request.tenant(), quota.meter()), taken, stored.prepaid());
  }

  /** What is out of a tenant's quota in a window; null for a lifetime quota's only one. */
  static BlockRule.Window window(
      Transaction tx, String tenant, String quota, @Nullable Instant start) {
    return tx.first(
            "SELECT outstanding, first_passed_at, passed_amount FROM quota_windows WHERE tenant = $1"
                + " AND quota = $2 AND counter = '' AND window_start = $3",
            QuotaBlocks::window,
            tenant,
            quota,
            start == null ? Instant.EPOCH : start)
        .orElse(BlockRule.Window.FRESH);
  }

  private static BlockRule.Window window(Row row) {
    return new BlockRule.Window(
        row.whole("outstanding"), row.findInstant("first_passed_at"), row.whole("passed_amount"));
  }

  /**
   * A cluster that still counts by another anchor gets nothing, for its window is not one of ours;
   * nor does one for a window so long over that nothing is known of it any more.
   */
  private static boolean isWindow(QuotaLimit quota, @Nullable Instant start, Instant now) {
    Recurrence rule = quota.window();
    if (rule == null || start == null) {
      return rule == null && start == null;
    }
    Period window = rule.at(start);
    return window.start().equals(start) && now.isBefore(window.end().plus(KEPT));
  }

  private static Stored lock(Transaction tx, QuotaBlockRequest request, Instant start) {
    tx.execute(
        "INSERT INTO quota_windows (tenant, quota, counter, window_start, outstanding)"
            + " VALUES ($1, $2, $3, $4, 0) ON CONFLICT DO NOTHING",
        request.tenant(),
        request.quota(),
        request.counter(),
        start);
    return tx.one(
        "SELECT outstanding, first_passed_at, passed_amount, prepaid FROM quota_windows"
            + " WHERE tenant = $1 AND quota = $2 AND counter = $3 AND window_start = $4 FOR UPDATE",
        row -> new Stored(window(row), row.whole("prepaid")),
        request.tenant(),
        request.quota(),
        request.counter(),
        start);
  }

  private static Optional<Answer> earlier(
      Transaction tx, QuotaBlockRequest request, Instant start, BlockRule.Window window) {
    return tx.first(
        "SELECT * FROM quota_blocks WHERE request_id = $1",
        row -> earlier(row, request, start, window),
        request.requestId());
  }

  private static Answer earlier(
      Row row, QuotaBlockRequest request, Instant start, BlockRule.Window window) {
    boolean same =
        row.text("tenant").equals(request.tenant())
            && row.text("quota").equals(request.quota())
            && row.text("counter").equals(request.counter())
            && row.instant("window_start").equals(start)
            && row.whole("units") == request.units()
            && row.whole("returned") == request.returned();
    return same
        ? new Answer.Granted(
            new QuotaBlock(
                QuotaBlock.FORMAT,
                request.requestId(),
                row.whole("granted"),
                row.whole("outstanding"),
                row.whole("amount"),
                window.firstPassedAt()))
        : new Answer.Conflict("the request " + request.requestId() + " asked for something else");
  }

  private static void store(
      Transaction tx, QuotaBlockRequest request, Instant start, Stored after) {
    BlockRule.Window window = after.window();
    tx.execute(
        "UPDATE quota_windows SET outstanding = $5, first_passed_at = $6, passed_amount = $7,"
            + " prepaid = $8 WHERE tenant = $1 AND quota = $2 AND counter = $3 AND window_start = $4",
        request.tenant(),
        request.quota(),
        request.counter(),
        start,
        window.outstanding(),
        window.firstPassedAt(),
        window.passedAmount(),
        after.prepaid());
  }

  private void remember(
      Transaction tx, QuotaBlockRequest request, Instant start, QuotaBlock block) {
    Instant now = wallClock.instant();
    tx.execute(
        "INSERT INTO quota_blocks (request_id, tenant, quota, counter, window_start, cluster,"
            + " units, returned, granted, outstanding, amount, granted_at)"
            + " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        request.requestId(),
        request.tenant(),
        request.quota(),
        request.counter(),
        start,
        request.cluster(),
        request.units(),
        request.returned(),
        block.granted(),
        block.outstanding(),
        block.amount(),
        now);
    tx.execute(
        "DELETE FROM quota_blocks WHERE tenant = $1 AND quota = $2 AND counter = $3"
            + " AND granted_at < $4",
        request.tenant(),
        request.quota(),
        request.counter(),
        now.minus(KEPT));
  }

  /**
   * Forgets windows that are long over, but for the last one before the present: units of it may
   * still come back.
   */
  private static void forget(
      Transaction tx, QuotaBlockRequest request, QuotaLimit quota, Instant now) {
    Recurrence rule = quota.window();
    if (rule == null) {
      return;
    }
    Instant last = rule.at(rule.at(now).start().minusNanos(1)).start();
    Instant open = rule.at(now.minus(KEPT)).start();
    tx.execute(
        "DELETE FROM quota_windows WHERE tenant = $1 AND quota = $2 AND counter = $3"
            + " AND window_start < $4 AND window_start > $5",
        request.tenant(),
        request.quota(),
        request.counter(),
        last.isBefore(open) ? last : open,
        Instant.EPOCH);
  }
}
