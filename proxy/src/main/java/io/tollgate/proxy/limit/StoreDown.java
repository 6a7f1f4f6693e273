package io.tollgate.proxy.limit;

/**
 * What an admission is worth when the node's lease is spent and the cluster does not answer in
 * time. The lease itself is always used first.
 */
public enum StoreDown {
  /** Admit and count: the service matters more than the limit. */
  OPEN,
  /** Refuse with 503: the limit matters more than the service. */
  CLOSED,
  /** Admit this node's share of a rate; quotas and permits are refused. */
  FAIR_SHARE
}
