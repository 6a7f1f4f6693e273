package io.tollgate.proxy.limit;

/** What goes on when a call's admission is known. */
@FunctionalInterface
public interface Continuation {
  /**
   * The admission is known. Called exactly once per {@link Limits#admit}: on the caller's thread
   * before {@code admit} returns when the node's own leases suffice, else on the call's executor.
   *
   * @param verdict valid until the call is reused
   */
  void decided(Verdict verdict);
}
