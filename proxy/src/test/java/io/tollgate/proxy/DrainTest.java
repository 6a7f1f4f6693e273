package io.tollgate.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.proxy.forward.Origin;
import io.tollgate.proxy.forward.RawClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What SIGTERM does: the same stop, by the JVM's hook. */
@Timeout(60)
class DrainTest {
  @TempDir Path directory;

  @Test
  void callUnderWay_endsWhole_whileNoOtherIsTaken() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    try (Origin origin =
        new Origin(
            connection -> {
              connection.head();
              take(go);
              connection.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwhole");
              connection.rest();
            })) {
      TestProxy proxy = new TestProxy(directory.resolve("data"), origin.port(), "", "", 30);
      Thread stopping = Thread.ofVirtual().unstarted(proxy::close);
      try (RawClient plain = new RawClient(proxy.port());
          RawClient body = new RawClient(proxy.port())) {
        plain.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        body.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\na");
        await(() -> proxy.inFlight() == 2);
        stopping.start();
        await(() -> proxy.isDraining() && isClosed(proxy.port()));
        go.countDown();
        assertThat(plain.response()).startsWith("HTTP/1.1 200").endsWith("whole");
        assertThat(body.response()).startsWith("HTTP/1.1 200").endsWith("whole");
        assertThat(plain.rest()).isEmpty();
        assertThat(body.rest()).isEmpty();
      } finally {
        go.countDown();
        if (stopping.getState() == Thread.State.NEW) {
          proxy.close();
        } else {
          stopping.join();
        }
      }
    }
  }

  private static boolean isClosed(int port) {
    try {
      new RawClient(port).close();
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  private static void take(CountDownLatch go) throws IOException {
    try {
      if (!go.await(20, TimeUnit.SECONDS)) {
        throw new IOException("nobody said go");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  private static void await(Callable<Boolean> condition) throws Exception {
    for (int i = 0; i < 1500 && !condition.call(); i++) {
      Thread.sleep(20);
    }
    assertThat(condition.call()).isTrue();
  }
}
