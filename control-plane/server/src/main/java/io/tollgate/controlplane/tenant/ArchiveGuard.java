package io.tollgate.controlplane.tenant;

import io.tollgate.controlplane.database.Transaction;
import java.util.Optional;

/** Says why a tenant cannot be archived yet, for the rooms that come later. */
@FunctionalInterface
public interface ArchiveGuard {
  /** The reason, such as a living subscription; empty if nothing stands against it. */
  Optional<String> objection(Transaction tx, String tenant);
}
