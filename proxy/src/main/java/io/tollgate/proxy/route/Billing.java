package io.tollgate.proxy.route;

import java.util.Set;

/**
 * Which answers of a route are billed, and what becomes of a call that spends a limit while it
 * runs. What is not billed is not metered, and quotas get it back; rates keep it, since they
 * protect the service from it all the same.
 *
 * @param statuses statuses that are billed; empty for every one
 * @param grpcStatuses of gRPC answers, the statuses that are billed besides; empty for every one
 * @param cutsOff whether a call is cut off when a limit is spent, rather than finished
 */
public record Billing(Set<Integer> statuses, Set<Integer> grpcStatuses, boolean cutsOff) {
  /** Whatever the upstream answers, to its end. */
  public static final Billing ALL = new Billing(Set.of(), Set.of(), false);

  public Billing {
    statuses = Set.copyOf(statuses);
    grpcStatuses = Set.copyOf(grpcStatuses);
  }
}
