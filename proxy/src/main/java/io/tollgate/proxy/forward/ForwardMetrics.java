package io.tollgate.proxy.forward;

import io.tollgate.proxy.caller.CallerMetrics;
import io.tollgate.proxy.upstream.UpstreamFailure;

/** What the forward room counts. Thread-safe. */
public interface ForwardMetrics extends CallerMetrics {
  /** A call got no whole answer from its upstream. */
  void failed(String upstream, UpstreamFailure failure);

  /** A call was tried a second time. */
  void retried(String upstream);

  /** A call would have been tried a second time, but for the upstream's budget. */
  void retryRefused(String upstream);

  /** An address was ejected after failures in a row. */
  void ejected(String upstream);
}
