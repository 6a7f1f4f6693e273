package io.tollgate.proxy.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Entitlements;
import io.tollgate.proxy.limit.Neighbours.Node;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Under load that never ends each node has its part of the permits, whoever came first. */
class PermitSharesTest {
  private final Neighbours cluster = new Neighbours();
  private final List<Caller> callers = new ArrayList<>();
  private final Random random = new Random(7);
  private int inFlight;
  private int most;
  private long used;

  /** Calls again as soon as a call is over, and a little after a refusal. */
  private final class Caller {
    private final Node at;
    private final Entitlements tenant;
    private final int pause;
    private boolean waits;
    private int left;
    private int admitted;
    private Runnable end = () -> {};

    Caller(Node at, Entitlements tenant, int pause) {
      this.at = at;
      this.tenant = tenant;
      this.pause = pause;
    }

    void step() {
      if (waits || --left > 0) {
        return;
      }
      end.run();
      end = () -> {};
      waits = true;
      at.limits.admit(new Call(Runnable::run).prepare(tenant, "", Sample.ONE_CALL), this::decided);
    }

    private void decided(Verdict verdict) {
      waits = false;
      left = pause;
      if (verdict.admitted()) {
        admitted++;
        inFlight++;
        most = Math.max(most, inFlight);
        left = 20 + random.nextInt(200);
        end =
            () -> {
              inFlight--;
              verdict.ticket().keep();
            };
      }
    }
  }

  /** A node joins, with callers; these are told. */
  private List<Caller> join(String name, Entitlements tenant, int many, int pause) {
    Node node = cluster.join(name);
    List<Caller> joined = new ArrayList<>();
    for (int i = 0; i < many; i++) {
      joined.add(new Caller(node, tenant, pause));
    }
    callers.addAll(joined);
    return joined;
  }

  private static int admitted(List<Caller> of) {
    return of.stream().mapToInt(caller -> caller.admitted).sum();
  }

  private void pass(int millis) {
    for (int i = 0; i < millis; i++) {
      cluster.pass();
      callers.forEach(Caller::step);
      used += inFlight;
    }
  }

  @ParameterizedTest
  @CsvSource({"20, 20, 1", "20, 40, 100", "3, 5, 1", "2, 1, 5", "1, 1, 5", "1, 10, 50"})
  void whoComesLater_hasItsPart(int permits, int callers, int pause) {
    Entitlements tenant =
        Sample.tenant("t").permits("p", permits, Duration.ofMinutes(1)).entitlements();
    List<Caller> a = join("a", tenant, callers, pause);
    pass(2_000);
    List<Caller> b = join("b", tenant, callers, pause);
    int before = admitted(a);
    used = 0;
    pass(20_000);
    int ofA = admitted(a) - before;
    int ofB = admitted(b);
    assertThat(most).as("calls in flight").isEqualTo(permits);
    assertThat(ofB).as("of %d", ofA + ofB).isGreaterThan((ofA + ofB) / 3);
    assertThat(ofA).as("of %d", ofA + ofB).isGreaterThan((ofA + ofB) / 3);
  }

  @Test
  void whoDoesNotAskAgain_keepsNothingFromOthers() {
    Entitlements tenant = Sample.tenant("t").permits("p", 2, Duration.ofMinutes(1)).entitlements();
    join("a", tenant, 4, 1);
    pass(1_000);
    List<Caller> b = join("b", tenant, 1, 1_000_000);
    pass(500);
    used = 0;
    pass(10_000);
    assertThat(admitted(b)).isZero();
    assertThat(used).as("permit-milliseconds in use of 20,000").isGreaterThan(18_000);
  }
}
