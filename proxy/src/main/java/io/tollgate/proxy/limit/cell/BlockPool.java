package io.tollgate.proxy.limit.cell;

/**
 * What the root of a hard quota has granted to this cluster for the present window, and the order
 * for more. A block may be handed out by the member that owned the cell when it came, or by a
 * member the cell moved to within the same cluster; a member that took over because the owner
 * vanished cannot know whether it still lives beyond a split, and orders a block of its own. A
 * member that leaves in order says before that its blocks are whoever's is next.
 *
 * @param units granted by the root and still valid
 * @param elsewhere units of this window that the root granted to others as far as known: to other
 *     clusters, or to this one before it was lost
 * @param owner the member that may hand them out; empty for none yet
 * @param order the order under way; empty for none
 * @param orderUnits its size
 * @param dueAt with an order: when it counts as lost and is placed again; without: before when the
 *     root, which had nothing, is not asked again
 */
record BlockPool(
    long units, long elsewhere, String owner, String order, long orderUnits, long dueAt) {
  static final BlockPool EMPTY = new BlockPool(0, 0, "", "", 0, 0);

  /** An order unanswered for so long is placed again, under its old id. */
  private static final long ORDER_MILLIS = 2_000;

  /** A root that had nothing is asked again after so long. */
  private static final long DRY_MILLIS = 1_000;

  BlockPool ownedBy(Owner member, long taken) {
    if (owner.equals(member.id())) {
      return this;
    }
    boolean moved = owner.isEmpty() || member.isMember(owner);
    // Abandoned units are forfeited: they count as used with the root, and never again here.
    long kept = moved ? units : Math.min(units, taken);
    return new BlockPool(
        kept,
        elsewhere + units - kept,
        member.id(),
        moved ? order : "",
        orderUnits,
        moved ? dueAt : 0);
  }

  BlockPool delivered(LeaseRequest.Delivery block, long now) {
    if (!order.equals(block.order())) {
      return this;
    }
    long held = units + block.units();
    return new BlockPool(
        held,
        Math.max(0, block.outstanding() - held),
        owner,
        "",
        0,
        block.units() == 0 ? now + DRY_MILLIS : 0);
  }

  /** Whether an order may be placed, or placed again, now. */
  boolean mayOrder(long now) {
    return now >= dueAt;
  }

  /** Whether units are on their way. */
  boolean awaits() {
    return !order.isEmpty();
  }

  /** An order is placed; one that was lost keeps its id and size. */
  BlockPool ordered(String id, long wanted, long now) {
    boolean again = awaits();
    return new BlockPool(
        units,
        elsewhere,
        owner,
        again ? order : id,
        again ? orderUnits : wanted,
        now + ORDER_MILLIS);
  }

  /** Units that nobody was granted go back to the root. */
  BlockPool without(long spare) {
    return new BlockPool(units - spare, elsewhere, owner, order, orderUnits, dueAt);
  }

  /**
   * The same where the root only counts: what the cells have counted is theirs, whoever ordered it,
   * and only the rest of what the root knows is out elsewhere.
   */
  BlockPool counting(long taken) {
    long known = units + elsewhere;
    long own = Math.min(known, taken);
    return new BlockPool(own, known - own, owner, order, orderUnits, dueAt);
  }

  /**
   * What goes on after a split. What nodes were granted on either side came from blocks of this
   * cluster; of the rest this side keeps its own, and the other's is given up: its owner may have
   * granted more of it while the cells moved. A side whose owner is the other's has not worked on
   * the counter: what it knows of is the other's block.
   *
   * @param spare units of this side's block that no node was granted
   * @param otherSpare of the other side's
   * @param taken units granted on either side
   */
  BlockPool over(BlockPool other, long spare, long otherSpare, long taken) {
    boolean isOne = owner.equals(other.owner);
    long own = taken + (isOne ? Math.min(spare, otherSpare) : spare);
    long known = Math.max(units + elsewhere, other.units + other.elsewhere);
    long out = Math.max(0, known - own);
    return isOne
        ? new BlockPool(own, out, owner, "", 0, 0)
        : new BlockPool(own, out, owner, order, orderUnits, dueAt);
  }

  BlockPool askAgain() {
    return awaits() ? this : new BlockPool(units, elsewhere, owner, "", 0, 0);
  }

  BlockPool learned(long held) {
    return new BlockPool(
        units + held, Math.max(0, elsewhere - held), owner, order, orderUnits, dueAt);
  }

  BlockPool merged(BlockPool other) {
    // Each side spent only blocks of its own; both had those from before the split.
    long kept = Math.min(units, other.units);
    long known = Math.max(units + elsewhere, other.units + other.elsewhere);
    return new BlockPool(kept, known - kept, owner, order, orderUnits, dueAt);
  }
}
