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
 * The guarantees, row by row, each over so many worlds: {@code -Dtollgate.seeds=10000} for a long
 * night, {@code -Dtollgate.seed=N} to see one again.
 */
class SimulationTest {
  private static final int SEEDS = Integer.getInteger("tollgate.seeds", 500);
  private static final long ONE = Long.getLong("tollgate.seed", -1);

  private static final LimitSettings SETTINGS =
      new LimitSettings(
          Duration.ofMillis(250), StoreDown.CLOSED, Duration.ofMillis(400), Duration.ofSeconds(2));

  /** Messages that are late take up to 300 ms; few of them more than this. */
  private static final long SLOW_MESSAGE_MILLIS = 250;

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
      case NODE_CRASH -> {
        long lost = lostWithTheirNodes(world, amount, at);
        assertThat(used).as("used up, %s", at).isEqualTo(amount - lost);
      }
      case LEAVE -> {
        // What is on its way back to the root may be lost with the node, or cross an order.
        long lost = lostWithTheirNodes(world, amount, at);
        assertThat(used)
            .as("used up, %s", at)
            .isBetween(amount - lost - world.truth.mayBeLost, amount - lost);
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
    if (truth.calledOfLate >= 2 * amount * Simulation.OF_LATE / 1_000) {
      // Leases of those that died are void by now, and what the others hold is within the burst. A
      // bucket smaller than what it refills while a message is on its way refills less: never over.
      long refilled = amount * Simulation.OF_LATE / 1_000;
      boolean outlastsMessages = 1_000 * burst >= amount * SLOW_MESSAGE_MILLIS;
      assertThat(truth.admittedOfLate)
          .as("admitted in the end, %s", at)
          .isGreaterThanOrEqualTo((outlastsMessages ? refilled : refilled / 2) - burst);
    }
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
    return ONE >= 0 ? LongStream.of(ONE) : LongStream.rangeClosed(0, SEEDS / 3).parallel();
  }
}
