package io.tollgate.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.tollgate.contract.Entitlements;
import io.tollgate.proxy.forward.Await;
import io.tollgate.proxy.forward.Http2Peer;
import io.tollgate.proxy.forward.Origin;
import io.tollgate.proxy.forward.RawClient;
import io.tollgate.proxy.limit.Call;
import io.tollgate.proxy.limit.Continuation;
import io.tollgate.proxy.limit.Limits;
import io.tollgate.proxy.limit.Sample;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Bodies that wait while their call's tenant or limits are asked about, where 1 MiB may lie: eight
 * large ones.
 */
@Timeout(60)
class HeldBodyTest {
  private static final String MEMORY = ", defence: {memory: 1MiB}";
  private static final int FIT = 8;

  @TempDir Path directory;

  private final Silent limits = new Silent();
  private final List<RawClient> callers = new ArrayList<>();

  @AfterEach
  void leave() throws Exception {
    for (RawClient caller : callers) {
      caller.close();
    }
  }

  @Test
  void bodiesThatWaitForTheirTenant_beyondTheMemory_theOldestMakesRoom() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    try (Origin controlPlane =
            new Origin(
                connection -> {
                  connection.head();
                  asked.incrementAndGet();
                  connection.rest();
                });
        WalkBench bench = new WalkBench(directory, controlPlane.port(), 1, limits, MEMORY)) {
      upload(bench, 1_000_000);
      Await.until(() -> asked.get() > 0);
      for (int i = 1; i < FIT; i++) {
        upload(bench, 1_000_000);
      }
      upload(bench, 1_000_000);
      Await.until(() -> bench.defended("memory") == 1);
      assertThat(limits.asked).hasValue(0);
    }
  }

  @Test
  void bodiesThatWaitForTheirLimits_beyondTheMemory_theOldestMakesRoom() throws Exception {
    try (FakeControlPlane controlPlane = controlPlane();
        WalkBench bench = new WalkBench(directory, controlPlane.port(), 1, limits, MEMORY)) {
      for (int i = 1; i < FIT; i++) {
        uploadThatWaits(bench, 1_000_000);
      }
      for (int i = 0; i < 10; i++) {
        uploadThatWaits(bench, 10);
      }
      settle(bench);
      assertThat(bench.defended("memory")).isZero();
      uploadThatWaits(bench, 1_000_000);
      assertThat(callers.getFirst().restOrReset()).isEmpty();
      settle(bench);
      assertThat(bench.defended("memory")).isEqualTo(1);
    }
  }

  @Test
  void callerLeavesMeanwhile_itsBodyCountsNoMore() throws Exception {
    try (FakeControlPlane controlPlane = controlPlane();
        WalkBench bench = new WalkBench(directory, controlPlane.port(), 1, limits, MEMORY)) {
      for (int i = 0; i < FIT; i++) {
        uploadThatWaits(bench, 1_000_000);
      }
      for (RawClient caller : List.copyOf(callers)) {
        assertThat(caller.endOutput().restOrReset()).isEmpty();
        uploadThatWaits(bench, 1_000_000);
      }
      settle(bench);
      assertThat(bench.defended("memory")).isZero();
    }
  }

  @Test
  void callerOfHttp2ResetsMeanwhile_itsBodyCountsNoMore() throws Exception {
    try (FakeControlPlane controlPlane = controlPlane();
        WalkBench bench = new WalkBench(directory, controlPlane.port(), 1, limits, MEMORY);
        Http2Peer caller = Http2Peer.caller(bench.port())) {
      List<Http2Peer.Stream> streams = new ArrayList<>();
      for (int i = 0; i < FIT; i++) {
        streams.add(open(caller));
      }
      Await.until(() -> limits.asked.get() == FIT);
      for (int i = 0; i < FIT; i++) {
        streams.get(i).reset(8);
        streams.add(open(caller));
      }
      Await.until(() -> limits.asked.get() == 2 * FIT);
      settle(bench);
      assertThat(bench.defended("memory")).isZero();
      open(caller);
      assertThat(streams.get(FIT).next()).isEqualTo("RESET 8");
      assertThat(bench.defended("memory")).isEqualTo(1);
    }
  }

  private static Http2Peer.Stream open(Http2Peer caller) throws Exception {
    return caller
        .open()
        .head(
            new DefaultHttp2Headers()
                .method("POST")
                .scheme("http")
                .authority("h")
                .path("/")
                .add("content-length", "1000000"),
            false);
  }

  private void uploadThatWaits(WalkBench bench, int length) throws Exception {
    int before = limits.asked.get();
    upload(bench, length);
    Await.until(() -> limits.asked.get() > before);
  }

  private void upload(WalkBench bench, int length) throws Exception {
    RawClient caller = new RawClient(bench.port());
    callers.add(caller);
    caller.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: " + length + "\r\n\r\nabc");
  }

  /** What came before on other connections is done when this is answered. */
  private static void settle(WalkBench bench) throws Exception {
    try (RawClient caller = new RawClient(bench.port())) {
      assertThat(caller.send("GET nowhere HTTP/1.1\r\nHost: h\r\n\r\n").head()).contains(" 400 ");
    }
  }

  private static FakeControlPlane controlPlane() throws Exception {
    FakeControlPlane controlPlane = new FakeControlPlane();
    controlPlane.put(Sample.tenant("anyone").entitlements());
    return controlPlane;
  }

  /** Limits whose cluster never answers. */
  private static final class Silent implements Limits {
    final AtomicInteger asked = new AtomicInteger();

    @Override
    public void admit(Call call, Continuation then) {
      asked.incrementAndGet();
    }

    @Override
    public void changed(Entitlements entitlements) {}
  }
}
