package io.tollgate.proxy.limit;

import java.util.Objects;

/**
 * Where blocks of hard quotas come from.
 *
 * @param cluster the limit cluster's name, which makes order ids unique beyond it
 * @param root the quota's root
 */
public record BlockOrders(String cluster, QuotaRoot root) {
  public BlockOrders {
    Objects.requireNonNull(cluster, "cluster");
    Objects.requireNonNull(root, "root");
  }
}
