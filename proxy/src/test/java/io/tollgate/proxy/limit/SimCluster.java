package io.tollgate.proxy.limit;

import io.tollgate.contract.QuotaLimit;
import io.tollgate.proxy.limit.cell.CounterState;
import io.tollgate.proxy.limit.cell.Holding;
import io.tollgate.proxy.limit.cell.LeaseReply;
import io.tollgate.proxy.limit.cell.LeaseRequest;
import io.tollgate.proxy.limit.cell.TenantCell;
import io.tollgate.proxy.limit.cell.TenantState;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** One side of the cluster: its members, the owner's cell and the backup's copy. */
final class SimCluster {
  static final long EPOCH = 1_794_000_000_000L;

  private final Simulation world;
  final List<SimNode> members = new ArrayList<>();
  @Nullable SimNode owner;
  @Nullable SimNode backup;
  @Nullable SimCluster other;
  TenantCell cell;
  private TenantCell copy;

  /**
   * What its block was at most after the last order for more, and what came back of leases since.
   */
  long largestBlock;

  private final Set<String> orders = new HashSet<>();

  SimCluster(Simulation world, TenantCell cell, TenantCell copy) {
    this.world = world;
    this.cell = cell;
    this.copy = copy;
  }

  /** Fills the roles; a promoted backup goes on with its copy, a new backup gets the cell's. */
  void elect() {
    if (owner == null || !members.contains(owner)) {
      boolean promoted = backup != null && members.contains(backup);
      cell = promoted ? copy : new TenantCell();
      owner = promoted ? backup : members.isEmpty() ? null : members.get(0);
      backup = null;
    }
    if (backup == null || !members.contains(backup)) {
      backup = members.stream().filter(node -> node != owner).findFirst().orElse(null);
      copy = new TenantCell(cell.state());
    }
  }

  void lose() {
    cell = new TenantCell();
    copy = new TenantCell();
    largestBlock = 0;
  }

  /** A request arrives; null when the owner dies over it. */
  @Nullable LeaseReply work(LeaseRequest request) {
    SimNode at = owner;
    if (at == null) {
      return null;
    }
    long left = left();
    TenantState before = cell.state();
    LeaseReply reply = cell.apply(request, at);
    world.rate.saw(before, request, reply, members.size(), world.nowMillis());
    if (before.sessions().stream().noneMatch(session -> hasHeard(session, request))) {
      world.truth.mayBeLost += onItsWay(request, before, cell.state());
    }
    long back = sum(request, cell.state(), Holding::returned);
    largestBlock += Math.max(0, back - sum(request, before, Holding::returned));
    for (LeaseReply.Grant grant : reply.grants()) {
      // One that is placed again is as large as it was.
      if (grant.blockUnits() > 0 && orders.add(grant.blockOrder())) {
        largestBlock = Math.max(left / 8, world.mostWaiting());
      }
    }
    boolean dies =
        world.fault == Simulation.Fault.OWNER_CRASH
            && !world.isCalm()
            && members.size() == world.nodes.size()
            && world.chance(5);
    if (dies) {
      boolean backedUp = world.chance(500);
      if (backedUp) {
        copy.take(cell.touchedBy(request));
      }
      world.mayLose(this);
      at.crash();
      world.in(1_000 * Simulation.MILLI, at::revive);
      return null;
    }
    copy.take(new TenantCell(cell.state()).touchedBy(request));
    return reply;
  }

  /** Units of quotas that the root has granted it, or is asked for, and no node has. */
  long block() {
    return Math.max(block(cell), block(copy)); // who goes on may know a request less
  }

  private static long block(TenantCell of) {
    long units = 0;
    for (CounterState counter : of.state().counters()) {
      if (counter.definition().rooted()) {
        units +=
            Math.max(0, counter.blocks() - taken(counter))
                + (counter.order().isEmpty() ? 0 : counter.orderUnits());
      }
    }
    return units;
  }

  /** Units of the quota that are left, as far as its cell knows. */
  private long left() {
    long left = world.entitlements.quotas().stream().mapToLong(QuotaLimit::amount).sum();
    for (CounterState counter : cell.state().counters()) {
      left -= taken(counter) + counter.blocksElsewhere();
    }
    return left;
  }

  private static boolean hasHeard(TenantState.SessionState session, LeaseRequest request) {
    return session.node().equals(request.node())
        && session.incarnation() == request.incarnation()
        && session.reply().sequence() >= request.sequence();
  }

  /**
   * Units that came too late: given back to a cell that never granted them, since the one that did
   * is gone; or granted to a request that the one that is gone had answered already.
   */
  private long onItsWay(LeaseRequest request, TenantState before, TenantState after) {
    long back = request.items().stream().mapToLong(LeaseRequest.Item::returned).sum();
    long booked = sum(request, after, Holding::returned) - sum(request, before, Holding::returned);
    long held = request.items().stream().mapToLong(LeaseRequest.Item::held).sum();
    boolean learns = sum(request, before, Holding::granted) == 0;
    long granted =
        sum(request, after, Holding::granted)
            - (learns ? held : sum(request, before, Holding::granted));
    return Math.max(0, back - booked) + (world.isAnswered(request) ? Math.max(0, granted) : 0);
  }

  private static long sum(LeaseRequest of, TenantState state, ToLongFunction<Holding> what) {
    return state.counters().stream()
        .flatMap(counter -> counter.holdings().stream())
        .filter(each -> each.node().equals(of.node()) && each.incarnation() == of.incarnation())
        .mapToLong(what)
        .sum();
  }

  private static long taken(CounterState counter) {
    long taken = counter.base();
    for (Holding holding : counter.holdings()) {
      taken += holding.granted() - holding.returned();
    }
    return taken;
  }

  void splitOff(SimNode alone) {
    SimCluster side = new SimCluster(world, new TenantCell(), new TenantCell());
    side.members.add(alone);
    side.largestBlock = largestBlock;
    alone.cluster = side;
    members.remove(alone);
    other = side;
    side.other = this;
    if (alone == backup) {
      side.backup = alone;
      side.copy = new TenantCell(copy.state());
      side.elect();
      elect();
    } else if (alone == owner) {
      // The owner goes on alone; the others go on with the backup's copy.
      side.owner = alone;
      side.cell = new TenantCell(cell.state());
      side.elect();
      elect();
    } else {
      // Neither cell nor copy on this side: it begins with nothing.
      side.elect();
    }
  }

  void heal() {
    SimCluster side = other;
    if (side == null) {
      return;
    }
    other = null;
    largestBlock = Math.max(largestBlock, side.largestBlock);
    for (SimNode node : side.members) {
      node.cluster = this;
      members.add(node);
    }
    cell = TenantCell.merged(new TenantCell(cell.state()), new TenantCell(side.cell.state()));
    backup = null;
    elect();
  }
}
