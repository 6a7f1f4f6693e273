package io.tollgate.proxy.limit;

import io.tollgate.contract.QuotaBlock;
import io.tollgate.contract.QuotaBlockRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** PostgreSQL's rule for a quota with grace days, without its idempotence. */
final class GraceRoot {
  private final DirectStore store;
  long amount;
  int graceDays;
  boolean soft;
  boolean silent;
  long out;
  @Nullable Instant passedAt;

  /** A quota's root, by that store's clock. */
  GraceRoot(DirectStore store, long amount) {
    this.store = store;
    this.amount = amount;
  }

  CompletionStage<QuotaBlock> order(QuotaBlockRequest request) {
    Instant now = Instant.ofEpochMilli(store.nowMillis());
    if (silent) {
      return CompletableFuture.failedFuture(new IllegalStateException("silent"));
    }
    out -= request.returned();
    boolean inGrace =
        soft
            || (graceDays > 0
                && (passedAt == null || now.isBefore(passedAt.plus(Duration.ofDays(graceDays)))));
    long granted = inGrace ? request.units() : Math.min(request.units(), Math.max(0, amount - out));
    out += granted;
    passedAt = passedAt == null && out > amount ? now : passedAt;
    return CompletableFuture.completedFuture(
        new QuotaBlock(QuotaBlock.FORMAT, request.requestId(), granted, out, amount, passedAt));
  }
}
