package io.tollgate.proxy.meter;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.tollgate.proxy.route.Billing;
import io.tollgate.proxy.route.RouteMeter;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a plain call must not do when it is metered. */
class HotPathTest {
  private static final int CALLS = 100_000;

  private static final class Answered implements Exchange {
    @Override
    public int status() {
      return 200;
    }

    @Override
    public String protocol() {
      return "";
    }

    @Override
    public boolean answered() {
      return true;
    }

    @Override
    public long requestBytes() {
      return 0;
    }

    @Override
    public long responseBytes() {
      return 0;
    }

    @Override
    public long elapsedMillis() {
      return 0;
    }

    @Override
    public @Nullable String responseField(CharSequence name) {
      throw new AssertionError("a plain call reads no field");
    }
  }

  @Test
  void plainCall_isMeteredWithoutAllocation() {
    List<RouteMeter> meters = List.of(RouteMeter.calls("calls", 1), RouteMeter.calls("exports", 3));
    Readings readings = Readings.of(meters, new Billing(Set.of(200, 201), Set.of(), false));
    assertThat(readings.areOfCallsOnly()).isTrue();
    long[] counted = new long[1];
    Tally tally = (tenant, meter, units) -> counted[0] += units;
    run(readings, tally);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    run(readings, tally);
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertThat(counted[0]).isEqualTo(2L * CALLS * 4);
    assertThat(allocated).isLessThan(CALLS);
  }

  private static void run(Readings readings, Tally tally) {
    Answered exchange = new Answered();
    for (int i = 0; i < CALLS; i++) {
      if (readings.bill(exchange)) {
        readings.record("acme", tally);
      }
    }
  }
}
