package io.tollgate.proxy.tenant;

import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/** Whose a key is, as the entitlement room knows it. Thread-safe. */
public interface KeyDirectory {
  /**
   * What is known here and now, without I/O or allocation; null where only {@link #load} can tell.
   *
   * @param key may be reused by its owner once the call returns
   */
  @Nullable Identity find(ApiKey key);

  /**
   * Asks the control plane: one question per key at a time, bounded in number and rate. Never
   * fails; what cannot be told is {@link Identity.Unavailable}.
   *
   * @param key kept while the question is open
   */
  Future<Identity> load(ApiKey key);
}
