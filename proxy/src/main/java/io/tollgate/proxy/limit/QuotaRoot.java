package io.tollgate.proxy.limit;

import io.tollgate.contract.QuotaBlock;
import io.tollgate.contract.QuotaBlockRequest;
import java.util.concurrent.CompletionStage;

/**
 * The exact root of hard period quotas: grants blocks of units that survive the loss of the whole
 * cluster. In front of the control plane's {@code POST /api/proxy/blocks}.
 */
@FunctionalInterface
public interface QuotaRoot {
  /**
   * Asks for a block. Must not block the calling thread. A failed stage is asked again, with the
   * same request id, by whichever node needs the units next.
   */
  CompletionStage<QuotaBlock> request(QuotaBlockRequest request);
}
