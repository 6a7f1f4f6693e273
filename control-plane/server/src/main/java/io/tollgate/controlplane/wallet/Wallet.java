package io.tollgate.controlplane.wallet;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * A wallet as it stands.
 *
 * @param id {@code wal_...}
 * @param tenant whose
 * @param asset what is in it
 * @param balance what is left in its credits, at least 0
 * @param drawn units drawn by usage that is not billed yet; 0 for money
 * @param round how often its draws were billed; draws of one round belong together
 * @param settings when it alerts and tops itself up
 * @param alerts how often the balance has fallen below {@link Settings#alertBelow}
 * @param alerted whether it is below it since the last alert
 * @param version of its settings
 */
public record Wallet(
    String id,
    String tenant,
    Asset asset,
    BigDecimal balance,
    BigDecimal drawn,
    long round,
    Settings settings,
    long alerts,
    boolean alerted,
    long version) {
  /**
   * What a wallet does by itself.
   *
   * @param alertBelow a balance below this is told, once until it is reached again; null for never
   * @param topUp null for none
   */
  public record Settings(@Nullable BigDecimal alertBelow, @Nullable AutoTopUp topUp) {
    /** Nothing. */
    public static final Settings NONE = new Settings(null, null);
  }

  /**
   * An automatic top-up.
   *
   * @param below the balance below which it is made
   * @param amount how much money, or how many of the add-on
   * @param addOn key of the add-on whose units fill the wallet; null for money
   */
  public record AutoTopUp(BigDecimal below, BigDecimal amount, @Nullable String addOn) {}
}
