package io.tollgate.controlplane.usage;

import io.tollgate.controlplane.database.Transaction;

/** Which keys something can be counted under: the catalog room's answer. */
@FunctionalInterface
public interface KnownMeters {
  /** Whether any version of any catalog counts this key, as a meter or as a feature's use. */
  boolean counts(Transaction tx, String key);
}
