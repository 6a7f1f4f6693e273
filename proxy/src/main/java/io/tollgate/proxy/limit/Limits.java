package io.tollgate.proxy.limit;

import io.tollgate.contract.Entitlements;

/**
 * The limits of all tenants as one node enforces them. Thread-safe; never blocks, never throws for
 * a call.
 */
public interface Limits {
  /**
   * Takes the call's weight from every limit that applies to it, or from none.
   *
   * <p>Answers on the calling thread when the node's own leases suffice or a refusal is still
   * fresh; else asks the cluster and answers on the call's executor within the configured bound,
   * after which the policy for an unreachable cluster decides.
   *
   * @param call prepared
   * @param then what goes on
   */
  void admit(Call call, Continuation then);

  /**
   * The tenant's entitlements changed: newer limits take effect now, what was used stays used. Also
   * noticed with the next call that carries them; telling is what frees an idle node's leases.
   */
  void changed(Entitlements entitlements);
}
