package io.tollgate.contract;

/**
 * What a call is worth when what is left of a limit cannot be found out in time: the limit cluster,
 * or the root of a hard quota, does not answer. Units a proxy holds already are always used first.
 */
public enum StoreDown {
  /** Admit and count: the service matters more than the limit. */
  OPEN,
  /** Refuse with 503: the limit matters more than the service. */
  CLOSED,
  /** Admit a proxy's share of a rate; quotas and permits are refused. */
  FAIR_SHARE
}
