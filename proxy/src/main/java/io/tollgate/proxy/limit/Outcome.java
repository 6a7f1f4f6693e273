package io.tollgate.proxy.limit;

/** What one limit said to one call. */
public enum Outcome {
  /** Within the limit. */
  ADMITTED,
  /** Above the limit, admitted by its policy: warn, bill, buffer or grace. */
  WARNED,
  /** A limit in shadow mode would have refused. */
  SHADOW_DENIED,
  /** The limit refuses, so the call takes nothing from any limit. */
  DENIED,
  /** The cluster did not answer in time and the policy for that lets the call pass. */
  ADMITTED_BLIND,
  /** The cluster did not answer in time and the policy for that refuses. */
  DENIED_BLIND
}
