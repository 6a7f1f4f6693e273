package io.tollgate.proxy.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Entitlements;
import io.tollgate.contract.StoreDown;
import io.tollgate.proxy.limit.cell.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** How long a permit is held: until its call ends, or its time is over. */
class PermitLifeTest extends OneNode {
  @Test
  void permits_areHeldUntilTheCallEnds() {
    Entitlements entitlements =
        Sample.tenant("t").permits("p", 2, Duration.ofMinutes(1)).entitlements();
    Verdict first = admit(entitlements);
    Verdict second = admit(entitlements);
    assertThat(second.admitted()).isTrue();
    Verdict third = admit(entitlements);
    assertThat(third.kind(third.deciding())).isEqualTo(Kind.CONCURRENCY);
    first.ticket().keep();
    assertThat(admit(entitlements).admitted()).isTrue();
  }

  @Test
  void permit_ofADeadNode_comesBackAfterItsTime() {
    Entitlements entitlements =
        Sample.tenant("t").permits("p", 1, Duration.ofSeconds(20)).entitlements();
    assertThat(admit(entitlements).admitted()).isTrue();
    store.begin(2);
    limits = limits(StoreDown.CLOSED);
    pass(19);
    assertThat(admit(entitlements).admitted()).isFalse();
    pass(5);
    assertThat(admit(entitlements).admitted()).isTrue();
  }

  @Test
  void permit_ofACallThatNeverEnds_comesBackAfterItsTime() {
    Entitlements entitlements =
        Sample.tenant("t").permits("p", 1, Duration.ofSeconds(20)).entitlements();
    Verdict leaked = admit(entitlements);
    pass(19);
    assertThat(admit(entitlements).admitted()).isFalse();
    pass(2);
    Verdict next = admit(entitlements);
    assertThat(next.admitted()).isTrue();
    assertThat(limits.figures().lapsedPermits()).isEqualTo(1);
    leaked.ticket().keep();
    assertThat(admit(entitlements).admitted()).as("it came back once").isFalse();
    next.ticket().keep();
    assertThat(admit(entitlements).admitted()).isTrue();
  }

  @Test
  void permit_ofACallThatRuns_isRenewedUntilItDoesNot() {
    Entitlements entitlements =
        Sample.tenant("t").permits("p", 1, Duration.ofSeconds(20)).entitlements();
    AtomicBoolean running = new AtomicBoolean(true);
    List<Verdict> stream = new ArrayList<>();
    limits.admit(
        new Call(Runnable::run, running::get).prepare(entitlements, "", Sample.ONE_CALL),
        stream::add);
    assertThat(stream).singleElement().matches(Verdict::admitted);
    pass(300);
    assertThat(admit(entitlements).admitted()).isFalse();
    running.set(false);
    pass(42);
    assertThat(admit(entitlements).admitted()).isTrue();
  }

  @Test
  void permit_takenWhileTheClusterIsAway_comesBackWithItsCall() {
    limits = limits(StoreDown.OPEN);
    Entitlements entitlements =
        Sample.tenant("t").permits("p", 1, Duration.ofMinutes(1)).quota("q", 9).entitlements();
    admit(entitlements).ticket().keep();
    store.down(true);
    Verdict blind = admit(entitlements);
    assertThat(blind.outcome(1)).isEqualTo(Outcome.ADMITTED_BLIND);
    blind.ticket().refund();
    store.down(false);
    store.advance(1_000);
    limits.tick();
    Verdict seen = admit(entitlements);
    assertThat(seen.outcome(1)).isEqualTo(Outcome.ADMITTED);
    assertThat(seen.remaining(0)).as("what was refunded cost nothing").isEqualTo(7);
  }
}
