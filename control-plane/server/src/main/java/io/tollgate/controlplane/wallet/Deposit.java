package io.tollgate.controlplane.wallet;

import io.tollgate.controlplane.web.Problem;
import java.math.BigDecimal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is to be put into a wallet.
 *
 * @param amount over 0
 * @param priority the lower is spent first; {@link #USUAL} where nobody says
 * @param expiresAt when what is left is forfeited; null for never
 * @param source where it comes from
 * @param origin what makes it
 */
public record Deposit(
    BigDecimal amount,
    int priority,
    @Nullable Instant expiresAt,
    Credit.Source source,
    String origin) {
  /** The priority of what does not name one. */
  public static final int USUAL = 100;

  /**
   * Refuses what is gone before it is there.
   *
   * @throws Problem 422 naming {@code expiresAt}
   */
  void mustLastBeyond(Instant now) {
    if (expiresAt != null && !expiresAt.isAfter(now)) {
      throw Problem.invalid("expiresAt", "an instant after " + now + " is expected");
    }
  }
}
