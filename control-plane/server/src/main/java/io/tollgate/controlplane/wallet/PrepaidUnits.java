package io.tollgate.controlplane.wallet;

import io.tollgate.controlplane.database.Transaction;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one tenant has paid ahead in units of meters. Reads in the transaction in which it was asked
 * for, and no longer.
 */
public final class PrepaidUnits {
  private final Transaction tx;
  private final Map<String, Wallet> byMeter;

  PrepaidUnits(Transaction tx, Map<String, Wallet> byMeter) {
    this.tx = tx;
    this.byMeter = byMeter;
  }

  /**
   * Whole units of the meter that were there at an instant or were put in since, whether or not
   * usage has drawn them meanwhile; what expired since is gone.
   *
   * @param meter the meter's key
   * @param since the instant; null for since ever
   * @return at least 0, at most {@link Long#MAX_VALUE}
   */
  public long since(String meter, @Nullable Instant since) {
    Wallet wallet = byMeter.get(meter);
    if (wallet == null) {
      return 0;
    }
    return whole(wallet.balance().add(WalletStore.drawnSince(tx, wallet.id(), since)));
  }

  /**
   * Whole units of the meter that were ever put in, whatever became of them.
   *
   * @return at least 0, at most {@link Long#MAX_VALUE}
   */
  public long everPaidIn(String meter) {
    Wallet wallet = byMeter.get(meter);
    return wallet == null ? 0 : whole(WalletStore.deposited(tx, wallet.id()));
  }

  private static long whole(BigDecimal units) {
    return units
        .max(BigDecimal.ZERO)
        .min(BigDecimal.valueOf(Long.MAX_VALUE))
        .setScale(0, RoundingMode.DOWN)
        .longValueExact();
  }
}
