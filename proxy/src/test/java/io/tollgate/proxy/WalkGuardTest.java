package io.tollgate.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Entitlements;
import io.tollgate.proxy.forward.Origin;
import io.tollgate.proxy.forward.RawClient;
import io.tollgate.proxy.limit.Call;
import io.tollgate.proxy.limit.Continuation;
import io.tollgate.proxy.limit.Limits;
import io.tollgate.proxy.limit.Sample;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A mistake of the proxy's own, in a room that never throws: its caller is answered all the same.
 */
@Timeout(60)
class WalkGuardTest {
  private static final String GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  private static final String POST = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab";

  @TempDir Path directory;

  @Test
  void roomThatThrows_is500_andTheConnectionGoesOn() throws Exception {
    try (Origin origin = Origin.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        FakeControlPlane controlPlane = new FakeControlPlane()) {
      controlPlane.put(Sample.tenant("anyone").entitlements());
      try (WalkBench bench =
              new WalkBench(directory, controlPlane.port(), origin.port(), new Broken(), "");
          RawClient client = new RawClient(bench.port())) {
        // The tenant is not known yet, so that the walk goes on later; then at once; then by
        // Vert.x.
        for (String request : List.of(GET, GET, POST)) {
          assertThat(client.send(request).response())
              .startsWith("HTTP/1.1 500")
              .contains("application/problem+json");
        }
        assertThat(bench.inFlight()).isZero();
        assertThat(origin.heads()).isEmpty();
      }
    }
  }

  private static final class Broken implements Limits {
    @Override
    public void admit(Call call, Continuation then) {
      throw new IllegalStateException("broken");
    }

    @Override
    public void changed(Entitlements entitlements) {}
  }
}
