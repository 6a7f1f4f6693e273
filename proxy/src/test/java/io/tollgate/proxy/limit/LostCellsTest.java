package io.tollgate.proxy.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Entitlements;
import io.tollgate.contract.OverLimit.Behavior;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * What a quota's root remembers when every cell is lost: what is out, and since when it is over.
 */
class LostCellsTest extends OneNode {
  private final GraceRoot root = new GraceRoot(store, 10);

  LostCellsTest() {
    limits = rooted();
  }

  private LeasedLimits rooted() {
    return new LeasedLimits(
        store, LimitSettings.DEFAULT, store::nanos, new BlockOrders("c", root::order), alerts::add);
  }

  private void restart() {
    store.restart();
    limits = rooted();
  }

  @Test
  void grace_runsFromTheFirstPassing_thoughAllCellsWereLost() {
    root.graceDays = 7;
    Entitlements tenant =
        Sample.tenant("t").quota("q", 10, Sample.over(Behavior.DENY, 0, 7), false).entitlements();
    assertThat(admitted(10, tenant)).isEqualTo(10);
    assertThat(root.passedAt).as("what fits is no passing").isNull();
    assertThat(admit(tenant).outcome(0)).isEqualTo(Outcome.WARNED);
    assertThat(root.passedAt).isNotNull();
    for (int day = 1; day < 7; day++) {
      store.advance(Duration.ofDays(1).toMillis());
      restart();
      assertThat(admit(tenant).outcome(0)).as("day %d", day).isEqualTo(Outcome.WARNED);
      assertThat(admitted(20, tenant)).as("day %d", day).isEqualTo(20);
    }
    store.advance(Duration.ofDays(1).toMillis());
    assertThat(admitted(20, tenant)).as("with the cells that know").isZero();
    restart();
    assertThat(admitted(20, tenant)).as("with cells that only the root can tell").isZero();
    Verdict refused = admit(tenant);
    assertThat(refused.outcome(0)).isEqualTo(Outcome.DENIED);
    assertThat(refused.remaining(0)).isZero();
  }

  @Test
  void graceOfAnotherWindow_isAnother() {
    root.graceDays = 1;
    Entitlements tenant =
        Sample.tenant("t").quota("q", 10, Sample.over(Behavior.DENY, 0, 1), false).entitlements();
    assertThat(admitted(12, tenant)).isEqualTo(12);
    store.advance(Duration.ofDays(2).toMillis());
    assertThat(admitted(3, tenant)).isZero();
    store.advance(Duration.ofDays(20).toMillis());
    root.out = 0;
    root.passedAt = null;
    assertThat(admitted(12, tenant)).isEqualTo(12);
  }

  @Test
  void remaining_afterTheLossOfAllCells_countsWhatTheRootGrantedBefore() {
    root.amount = 1_000;
    Entitlements tenant = Sample.tenant("t").quota("q", 1_000).entitlements();
    assertThat(admitted(400, tenant)).isEqualTo(400);
    assertThat(admit(tenant).remaining(0)).isEqualTo(599);
    restart();
    long outBefore = root.out;
    assertThat(outBefore).isBetween(401L, 401L + 1_000 / 8);
    assertThat(admit(tenant).remaining(0)).isEqualTo(1_000 - outBefore - 1);
    assertThat(admitted(2_000, tenant)).isEqualTo(1_000 - outBefore - 1);
    assertThat(admit(tenant).remaining(0)).isZero();
  }

  @Test
  void remaining_ofANodeThatOutlivesTheCells_isNeverMoreThanIsLeft() {
    root.amount = 1_000;
    Entitlements tenant = Sample.tenant("t").quota("q", 1_000).entitlements();
    int used = admitted(300, tenant);
    for (int loss = 0; loss < 3; loss++) {
      store.lose();
      store.advance(20_000);
      limits.sweep();
      used += admitted(50, tenant);
      assertThat(admit(tenant).remaining(0)).isLessThanOrEqualTo(1_000 - ++used);
    }
    assertThat(used).isEqualTo(453);
  }

  @Test
  void alerts_afterTheLossOfAllCells_countWhatTheRootGrantedBefore() {
    root.amount = 1_000;
    Entitlements tenant = Sample.tenant("t").quota("q", 1_000).entitlements();
    assertThat(admitted(700, tenant)).isEqualTo(700);
    assertThat(alerts).isEmpty();
    restart();
    assertThat(admitted(1_000, tenant)).isBetween(1_000 - 700 - 1_000 / 8, 300);
    limits.sweep();
    assertThat(alerts).extracting(LimitAlert::percent).containsExactly(80, 90, 95, 100);
    assertThat(alerts.get(0).used()).isBetween(800L, 900L);
  }

  private static Entitlements warned(long amount) {
    return Sample.tenant("t")
        .quota("q", amount, Sample.over(Behavior.WARN, 0, 0), false)
        .entitlements();
  }

  @Test
  void softQuota_afterTheLossOfAllCells_countsOn() {
    root.amount = 1_000;
    root.soft = true;
    assertThat(admitted(700, warned(1_000))).isEqualTo(700);
    long outBefore = root.out;
    assertThat(outBefore).isBetween(700L, 700L + 1_000 / 8 + 32);
    restart();
    assertThat(admitted(300, warned(1_000))).isEqualTo(300);
    assertThat(admitted(200, warned(1_000))).as("it only warns").isEqualTo(200);
    limits.sweep();
    assertThat(alerts).extracting(LimitAlert::percent).contains(80, 100, LimitAlert.OVER);
    assertThat(alerts)
        .filteredOn(alert -> alert.percent() == 80)
        .allSatisfy(alert -> assertThat(alert.used()).isBetween(800L, 800L + 1_000 / 8 + 32));
    restart();
    admit(warned(1_000));
    assertThat(admit(warned(1_000)).outcome(0)).as("beyond it at once").isEqualTo(Outcome.WARNED);
  }

  @Test
  void softQuota_whoseRootIsSilent_waitsForNobody() {
    root.silent = true;
    long before = store.nowMillis();
    assertThat(admitted(50, warned(20))).isEqualTo(50);
    assertThat(store.nowMillis()).as("no call waited").isEqualTo(before);
    assertThat(admit(warned(20)).outcome(0)).isEqualTo(Outcome.WARNED);
    root.silent = false;
    root.soft = true;
    store.advance(5_000);
    assertThat(admitted(50, warned(20))).isEqualTo(50);
    store.advance(5_000);
    limits.tick();
    assertThat(root.out).as("the root hears of all of it").isGreaterThanOrEqualTo(100);
  }

  @Test
  void leaving_givesWhatIsLeftOfBlocksBackToTheRoot() {
    root.amount = 1_000;
    Entitlements tenant = Sample.tenant("t").quota("q", 1_000).entitlements();
    assertThat(admitted(400, tenant)).isEqualTo(400);
    assertThat(root.out).isGreaterThan(400);
    assertThat(limits.leave()).isCompleted();
    assertThat(root.out).isEqualTo(400);
    assertThat(limits.leave()).isCompleted();
    assertThat(root.out).as("once").isEqualTo(400);
    restart();
    assertThat(admitted(2_000, tenant)).isEqualTo(600);
  }

  @Test
  void leaving_whileTheRootIsSilent_losesUnits_andGivesNoneTwice() {
    root.amount = 1_000;
    Entitlements tenant = Sample.tenant("t").quota("q", 1_000).entitlements();
    assertThat(admitted(400, tenant)).isEqualTo(400);
    long out = root.out;
    root.silent = true;
    assertThat(limits.leave()).isCompleted();
    root.silent = false;
    assertThat(root.out).isEqualTo(out);
    assertThat(admitted(2_000, tenant))
        .as("the cells do not hand it out again")
        .isEqualTo(1_000 - out);
  }
}
