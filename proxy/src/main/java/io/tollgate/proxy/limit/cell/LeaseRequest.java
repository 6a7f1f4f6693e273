package io.tollgate.proxy.limit.cell;

import java.util.List;
import java.util.Objects;

/**
 * A node reports on its leases of one tenant and asks for more. Idempotent: a cell answers the same
 * (node, incarnation, sequence) with the same reply, and a node has one request per tenant under
 * way at a time and repeats it unchanged until it is answered.
 *
 * @param tenant whose limits
 * @param node the asking node's name
 * @param incarnation drawn when the node started
 * @param sequence rises with each request of the incarnation
 * @param version of the entitlements the definitions come from
 * @param leaseTtlMillis after which the cell takes an unrenewed lease of units for spent
 * @param leaves whether the node is about to leave, so that what it knows of is put in order
 * @param items a line per counter
 */
public record LeaseRequest(
    String tenant,
    String node,
    long incarnation,
    long sequence,
    long version,
    long leaseTtlMillis,
    boolean leaves,
    List<Item> items) {
  /** How many times as long as others a lease lives that is a small part of what is left. */
  public static final int LASTING = 12;

  public LeaseRequest {
    Objects.requireNonNull(tenant, "tenant");
    Objects.requireNonNull(node, "node");
    items = List.copyOf(items);
  }

  /**
   * One counter's line.
   *
   * @param definition the limit
   * @param counter the scope's counter; empty for the tenant
   * @param windowStart the window the reported lease belongs to
   * @param held units the node still holds of its lease
   * @param returned units it gives back with this request
   * @param debt units it used beyond its lease, because their cost was known late
   * @param need units for calls that wait
   * @param least the smallest of those calls: fewer units are of no use
   * @param want units in all, {@code need} included, that would last for a while
   * @param ample units in all, at least {@code want}, that would last for long: granted only where
   *     they are a small part of what is left
   * @param block the root's answer to an order
   * @param known alerts of the window that the control plane has, so that no node need announce
   *     them: percentages; {@link CellAlerts#OVER} for the passing itself
   */
  public record Item(
      LimitDefinition definition,
      String counter,
      long windowStart,
      long held,
      long returned,
      long debt,
      long need,
      long least,
      long want,
      long ample,
      Delivery block,
      List<Integer> known) {
    public Item {
      Objects.requireNonNull(definition, "definition");
      Objects.requireNonNull(counter, "counter");
      Objects.requireNonNull(block, "block");
      known = List.copyOf(known);
    }
  }

  /**
   * What the root of a quota answered to an order.
   *
   * @param order the order's id; empty for none
   * @param units granted for it
   * @param outstanding units of the window out to all clusters then
   * @param firstPassedAt when the window's amount was first passed, epoch milliseconds; {@link
   *     Long#MAX_VALUE} for not yet
   */
  public record Delivery(String order, long units, long outstanding, long firstPassedAt) {
    /** Nothing is delivered. */
    public static final Delivery NONE = new Delivery("", 0, 0, Long.MAX_VALUE);

    public Delivery {
      Objects.requireNonNull(order, "order");
    }

    /** Whether nothing is delivered. */
    public boolean isNone() {
      return order.isEmpty();
    }
  }
}
