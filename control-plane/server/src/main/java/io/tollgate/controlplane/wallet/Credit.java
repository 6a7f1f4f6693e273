package io.tollgate.controlplane.wallet;

import java.math.BigDecimal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Something put into a wallet at once, and what is left of it.
 *
 * @param id {@code wcr_...}
 * @param wallet the wallet's id
 * @param amount what was put in, over 0
 * @param remaining what is left, 0 to {@code amount}
 * @param priority the lower is spent first
 * @param expiresAt when what is left is forfeited; null for never
 * @param source where it came from
 * @param origin what made it, such as an item or an invoice; makes it once only
 * @param createdAt by the tenant's clock
 */
public record Credit(
    String id,
    String wallet,
    BigDecimal amount,
    BigDecimal remaining,
    int priority,
    @Nullable Instant expiresAt,
    Source source,
    String origin,
    Instant createdAt) {
  /** Where a credit came from. */
  public enum Source {
    /** Given by staff. */
    GRANT,
    /** Paid by an invoice made for it. */
    TOP_UP,
    /** Bought with an add-on. */
    ADD_ON,
    /** Left of blocks bought ahead in an earlier period. */
    CARRY_OVER
  }
}
