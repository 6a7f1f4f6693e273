package io.tollgate.controlplane.database;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Whether nobody else changes what a transaction looks at, so that what its rooms keep in mind
 * holds until it changes that itself. Thread-safe.
 */
public final class Alone {
  private final AtomicBoolean said = new AtomicBoolean();

  private Alone() {}

  private static AtomicBoolean of(Transaction tx) {
    return tx.holding(Alone.class, Alone::new).said;
  }

  /** Says so, to the transaction's end or until an attempt in it fails. */
  public static void say(Transaction tx) {
    of(tx).set(true);
  }

  /** Whether that was said. */
  public static boolean is(Transaction tx) {
    return of(tx).get();
  }

  /** Forgets what others may have changed while the transaction waited for a lock. */
  public static void waited(Transaction tx) {
    if (!is(tx)) {
      tx.forget();
    }
  }
}
