package io.tollgate.proxy.caller;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultChannelId;
import io.netty.channel.embedded.EmbeddedChannel;
import io.tollgate.proxy.config.Defence;
import io.vertx.core.http.HttpServerOptions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GateTest {
  private static final long NOTHING_SCHEDULED = -1;

  private final List<Object> told = new ArrayList<>();

  @Test
  void closed_beforeTheHeadIsDue_isWaitedForNoMore() {
    Gate gate = new Gate(Defence.DEFAULT, new Told(), new HttpServerOptions(), false);
    EmbeddedChannel channel =
        new EmbeddedChannel(DefaultChannelId.newInstance(), true, false, gate);
    assertThat(channel.runScheduledPendingTasks()).isGreaterThan(0);
    channel.close().syncUninterruptibly();
    assertThat(channel.runScheduledPendingTasks()).isEqualTo(NOTHING_SCHEDULED);
    assertThat(told).isEmpty();
  }

  private final class Told implements CallerMetrics {
    @Override
    public void defended(Defended what) {
      told.add(what);
    }

    @Override
    public void turnedAway() {
      told.add("turned away");
    }
  }
}
