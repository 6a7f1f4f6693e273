package io.tollgate.proxy.limit;

import io.tollgate.proxy.limit.cell.LeaseReply;
import io.tollgate.proxy.limit.cell.LeaseRequest;
import io.tollgate.proxy.limit.cell.TenantCell;
import java.util.ArrayList;
import java.util.List;
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
  }

  /** A request arrives; null when the owner dies over it. */
  @Nullable LeaseReply work(LeaseRequest request) {
    SimNode at = owner;
    if (at == null) {
      return null;
    }
    LeaseReply reply = cell.apply(request, at);
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
      world.mayLose(1);
      at.crash();
      world.in(1_000 * Simulation.MILLI, at::revive);
      return null;
    }
    copy.take(new TenantCell(cell.state()).touchedBy(request));
    return reply;
  }

  void splitOff(SimNode alone) {
    SimCluster side = new SimCluster(world, new TenantCell(), new TenantCell());
    side.members.add(alone);
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
    for (SimNode node : side.members) {
      node.cluster = this;
      members.add(node);
    }
    cell = TenantCell.merged(new TenantCell(cell.state()), new TenantCell(side.cell.state()));
    backup = null;
    elect();
  }
}
