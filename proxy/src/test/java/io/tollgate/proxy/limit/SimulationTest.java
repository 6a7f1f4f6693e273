package io.tollgate.proxy.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Entitlements;
import io.tollgate.contract.StoreDown;
import io.tollgate.proxy.limit.Simulation.Fault;
import io.tollgate.proxy.limit.cell.CellAlerts;
import io.tollgate.proxy.limit.cell.CounterState;
import io.tollgate.proxy.limit.cell.Holding;
import java.time.Duration;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The guarantees, row by row, each over so many worlds, a third of them with a quota, a rate and
 * permits: {@code -Dtollgate.seeds=10000} for a long night, {@code -Dtollgate.from=N} to begin with
 * another seed than 0, {@code -Dtollgate.seed=N} to see one again.
 */
class SimulationTest {
  private static final int SEEDS = Integer.getInteger("tollgate.seeds", 500);
  private static final long FROM = Long.getLong("tollgate.from", 0);
  private static final long ONE = Long.getLong("tollgate.seed", -1);

  private static final LimitSettings SETTINGS =
      new LimitSettings(
          Duration.ofMillis(250), StoreDown.CLOSED, Duration.ofMillis(400), Duration.ofSeconds(2));

  /** Calls that can wait at one node within the bound of an admission, and die with it. */
  private static final int WAITING = 362;

  @ParameterizedTest
  @EnumSource(Fault.class)
  void quota_isNeverPassed_andUsedUpButForWhatIsStated(Fault fault) {
    seeds().forEach(seed -> quota(fault, seed));
  }

  private static void quota(Fault fault, long seed) {
    long amount = 200 + seed % 1800;
    boolean rooted = fault == Fault.CLUSTER_LOSS || fault == Fault.SPLIT || seed % 2 == 0;
    Entitlements entitlements = Sample.tenant("t").quota("q", amount).entitlements();
    Simulation world = new Simulation(seed, fault, entitlements, SETTINGS, rooted);
    world.refusalsLast = true;
    world.play(6_000, fault == Fault.PAUSE ? 60_000 : 30_000);
    String at = fault + " seed " + seed;
    Truth truth = world.truth;
    long used = truth.admitted - truth.refunded;
    assertThat(used).as("used, %s", at).isLessThanOrEqualTo(amount);
    assertThat(truth.slowestMillis).as("slowest answer, %s", at).isLessThanOrEqualTo(285);
    assertThat(truth.blockOver).as("a block beyond its bound, %s", at).isNotPositive();
    usedUp(world, fault, amount, used, at);
    alerted(world, fault, at);
  }

  /** What may be lost is stated for each fault; nothing else is. */
  private static void usedUp(Simulation world, Fault fault, long amount, long used, String at) {
    switch (fault) {
      case NETWORK, PAUSE -> {
        assertThat(used).as("used up, %s", at).isEqualTo(amount);
        booked(world, at);
      }
      case LEAVE -> {
        // A node that leaves tries twice to tell the root.
        assertThat(used).as("used up, %s", at).isBetween(amount - world.truth.returnsLost, amount);
        booked(world, at);
      }
      case NODE_CRASH -> {
        long lost = lostWithTheirNodes(world, amount, at);
        assertThat(used).as("used up, %s", at).isEqualTo(amount - lost);
      }
      case OWNER_CRASH -> {
        long lost = lostWithTheirNodes(world, amount, at);
        assertThat(used)
            .as("used up, %s", at)
            .isGreaterThanOrEqualTo(amount - lost - world.truth.mayBeLost);
      }
      case CLUSTER_LOSS, SPLIT ->
          assertThat(used)
              .as("used up, %s", at)
              .isGreaterThanOrEqualTo(amount - world.truth.mayBeLost);
    }
  }

  /**
   * granted = settled + returned + forfeited + outstanding, and settled is what really was used.
   */
  private static void booked(Simulation world, String at) {
    for (Holding holding : counter(world).holdings()) {
      String by = holding.node().substring(1) + "." + holding.incarnation();
      assertThat(holding.outstanding()).as("outstanding of %s, %s", by, at).isZero();
      assertThat(holding.forfeited()).as("forfeited by %s, %s", by, at).isZero();
      assertThat(holding.settled())
          .as("settled by %s, %s", by, at)
          .isEqualTo(world.truth.kept.getOrDefault(by, 0L));
    }
  }

  private static long lostWithTheirNodes(Simulation world, long amount, String at) {
    long lost = 0;
    for (Holding holding : counter(world).holdings()) {
      String by = holding.node().substring(1) + "." + holding.incarnation();
      long gone = holding.taken() - world.truth.kept.getOrDefault(by, 0L);
      assertThat(gone).as("lost with %s, %s", by, at).isBetween(0L, amount / 4 + WAITING);
      lost += gone;
    }
    return lost;
  }

  /** Whoever died with it: what was passed has arrived, and nobody tells it for ever. */
  private static void alerted(Simulation world, Fault fault, String at) {
    CellAlerts cell = counter(world).alerts();
    assertThat(world.alerts).as("arrived, %s", at).containsAll(cell.due());
    assertThat(cell.unknown()).as("still told, %s", at).isEmpty();
    switch (fault) {
      case NETWORK, PAUSE, NODE_CRASH, LEAVE ->
          assertThat(world.alerts).as("alerts, %s", at).containsExactly(80, 90, 95, 100);
      case OWNER_CRASH, CLUSTER_LOSS, SPLIT ->
          assertThat(world.alerts).as("alerts, %s", at).isSubsetOf(80, 90, 95, 100);
    }
  }

  @ParameterizedTest
  @EnumSource(Fault.class)
  void rate_isNeverPassedInAnyStretchOfTime(Fault fault) {
    seeds().forEach(seed -> rate(fault, seed));
  }

  private static void rate(Fault fault, long seed) {
    long amount = 20 + seed % 300;
    long burst = 5 + seed % 200;
    Entitlements entitlements =
        Sample.tenant("t").rate("r", amount, Duration.ofSeconds(1), burst).entitlements();
    Simulation world = new Simulation(seed, fault, entitlements, SETTINGS, false);
    world.play(6_000, fault == Fault.PAUSE ? 40_000 : 5_000);
    Truth truth = world.truth;
    String at = fault + " seed " + seed + " rate " + amount + " burst " + burst;
    served(world, amount, burst, at);
    long overdrawn = truth.overdrawn(entitlements.rates().get(0));
    switch (fault) {
      case NETWORK, PAUSE, NODE_CRASH, LEAVE, OWNER_CRASH ->
          assertThat(overdrawn).as("admitted too early, %s", at).isZero();
      case CLUSTER_LOSS ->
          assertThat(overdrawn).as("%s", at).isLessThanOrEqualTo(burst * truth.losses);
      case SPLIT ->
          assertThat(overdrawn)
              .as("%s", at)
              .isLessThanOrEqualTo(truth.splits * (burst + 5 * amount));
    }
  }

  /**
   * What a rate serves at least, whatever its bucket.
   *
   * <p>R is the rate, B the burst, L what is in the cell, O what the cell counts with the nodes:
   * all it has granted and neither got back nor heard to be spent. It refills while L + O &lt; B;
   * else B + 1 calls could pass at one instant. Of L and what nodes have not spent only calls take,
   * and it is B at most, so that in a stretch W at least R (W - S) - B calls pass, where S is the
   * time in which L + O = B. That is asserted, with the refill lost in S as the cell's own numbers
   * give it, however late messages are.
   *
   * <p>S is the messages' time and the callers', not the program's. Where all units are out, each
   * of them is in an answer on its way; or with its node for a call to come, of which a lease has
   * for n nodes beyond the calls that wait at most the greater of 1/n of what is left and of B/4n;
   * or spent, and its node has had no call since that it could not serve, or the request that says
   * so is on its way. Where the cell has units, no node can ask: it has asked already, has units,
   * has no call, or was refused, for no longer than 20 ms or until the next unit has come. For what
   * a node cannot serve it asks at once. The size of a lease, how long a refusal is and that nodes
   * ask at once are asserted too.
   *
   * <p>With T, how long a unit is out on the average, all B are out for at most T/B for each call
   * that passes: while callers want more, one passes at least every 1/R + T/B.
   */
  private static void served(Simulation world, long rate, long burst, String at) {
    long refilled = rate * Simulation.OF_LATE - world.rate.unfilled;
    assertThat(1_000 * world.truth.admittedOfLate)
        .as("thousandths admitted in the end, %s", at)
        .isGreaterThanOrEqualTo(refilled - 1_000 * burst);
    assertThat(world.truth.unasked).as("calls that nobody was asked for, %s", at).isZero();
    assertThat(world.rate.leasedTooMuch).as("leased too much, %s", at).isNotPositive();
    assertThat(world.rate.refusedTooLong).as("refused for too long, %s", at).isNotPositive();
  }

  @ParameterizedTest
  @EnumSource(Fault.class)
  void permits_areNeverPassed_andNotLost(Fault fault) {
    seeds().forEach(seed -> permits(fault, seed));
  }

  private static void permits(Fault fault, long seed) {
    long permits = 1 + seed % 40;
    Entitlements entitlements =
        Sample.tenant("t").permits("p", permits, Duration.ofSeconds(4)).entitlements();
    Simulation world = new Simulation(seed, fault, entitlements, SETTINGS, false);
    world.callsLast = (50 + seed % 7 * 300) * Simulation.MILLI;
    world.play(6_000, fault == Fault.PAUSE ? 60_000 : 8_000);
    Truth truth = world.truth;
    String at = fault + " seed " + seed + " permits " + permits;
    long most =
        switch (fault) {
          case NETWORK, PAUSE, NODE_CRASH, LEAVE, OWNER_CRASH, CLUSTER_LOSS -> permits;
          case SPLIT -> permits * (1 + truth.splits);
        };
    assertThat(truth.mostInFlight).as("in flight, %s", at).isBetween(1L, most);
    // Long after the last fault whoever calls is served: no permit is lost for good.
    assertThat(world.servedInCalm).as("admitted in the calm, %s", at).isPositive();
    assertThat(counter(world).holdings())
        .as("held by nobody's calls, %s", at)
        .allMatch(holding -> holding.outstanding() <= permits);
  }

  private static CounterState counter(Simulation world) {
    return world.main.cell.state().counters().get(0);
  }

  /** A third of a row's worlds, each on whatever processor is free: worlds share nothing. */
  private static LongStream seeds() {
    return ONE >= 0
        ? LongStream.of(ONE)
        : LongStream.rangeClosed(FROM, FROM + SEEDS / 3).parallel();
  }
}
