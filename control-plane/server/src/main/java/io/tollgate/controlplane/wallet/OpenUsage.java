package io.tollgate.controlplane.wallet;

import io.tollgate.controlplane.database.Transaction;
import java.math.BigDecimal;

/** Says what usage has not been billed yet; the rooms that know usage come after this one. */
@FunctionalInterface
public interface OpenUsage {
  /** Units of the meter since the open period's start that a wallet may cover; at least 0. */
  BigDecimal units(Transaction tx, String tenant, String meter);
}
