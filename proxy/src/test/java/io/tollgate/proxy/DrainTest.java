package io.tollgate.proxy;

import static io.tollgate.proxy.Http2Frames.END_STREAM_AND_HEADERS;
import static io.tollgate.proxy.Http2Frames.GOAWAY;
import static io.tollgate.proxy.Http2Frames.HEADERS;
import static io.tollgate.proxy.Http2Frames.frame;
import static io.tollgate.proxy.Http2Frames.getByHpack;
import static io.tollgate.proxy.Http2Frames.http2;
import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.proxy.forward.Await;
import io.tollgate.proxy.forward.Origin;
import io.tollgate.proxy.forward.RawClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What SIGTERM does to calls: the same stop, by the JVM's hook. */
@Timeout(120)
@SuppressWarnings("StringConcatToTextBlock") // every line ends with CR LF, which text blocks hide
class DrainTest {
  private static final String CLOSE = "\r\nconnection: close\r\n";
  private static final String POST = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\na";

  @TempDir Path directory;
  private final CountDownLatch go = new CountDownLatch(1);
  private Origin origin;
  private TestProxy proxy;
  private Thread stopping;

  @BeforeEach
  void start() throws Exception {
    origin = new Origin(this::serve);
    proxy = new TestProxy(directory.resolve("data"), origin.port(), "", "", 60);
    stopping = Thread.ofVirtual().unstarted(proxy::close);
  }

  @AfterEach
  void end() throws Exception {
    go.countDown();
    if (stopping.getState() == Thread.State.NEW) {
      proxy.close();
    } else {
      stopping.join();
    }
    origin.close();
  }

  /** Answers at once or when told, with HTTP or without. */
  private void serve(Origin.Connection connection) throws IOException {
    for (String head = connection.head(); !head.isEmpty(); head = connection.head()) {
      if (head.startsWith("POST")) {
        connection.read(1);
      }
      if (!head.contains(" /now ")) {
        take(go);
      }
      connection.send(
          head.contains(" /broken ")
              ? "no HTTP\r\n\r\n"
              : "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwhole");
    }
  }

  private void drain(int underWay) throws Exception {
    Await.until(() -> proxy.inFlight() == underWay);
    stopping.start();
    Await.untilClosed(proxy.port());
  }

  @Test
  void callUnderWay_endsWhole_saysThatItsConnectionCloses_andNoOtherIsTaken() throws Exception {
    try (RawClient plain = new RawClient(proxy.port());
        RawClient body = new RawClient(proxy.port());
        RawClient old = new RawClient(proxy.port())) {
      String now = "GET /now HTTP/1.1\r\nHost: h\r\n\r\n";
      assertThat(lower(plain.send(now).response())).contains(" 200 ").doesNotContain(CLOSE);
      plain.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
      body.send(POST);
      old.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
      drain(3);
      go.countDown();
      for (RawClient client : new RawClient[] {plain, body, old}) {
        assertThat(lower(client.response())).contains(" 200 ", CLOSE).endsWith("whole");
        assertThat(client.restOrReset()).isEmpty();
      }
    }
  }

  @Test
  void refusalsOfTheProxysOwn_sayItToo() throws Exception {
    try (RawClient plain = new RawClient(proxy.port());
        RawClient body = new RawClient(proxy.port())) {
      plain.send("GET /broken HTTP/1.1\r\nHost: h\r\n\r\n");
      body.send(POST.replace("/ ", "/broken "));
      drain(2);
      go.countDown();
      for (RawClient client : new RawClient[] {plain, body}) {
        assertThat(lower(client.response())).startsWith("http/1.1 502 ").contains(CLOSE);
        assertThat(client.restOrReset()).isEmpty();
      }
    }
  }

  /** How many of them are answered depends on when the connection hears of it. */
  @Test
  void pipelinedCalls_theLastAnswerSaysIt_andNoneBefore() throws Exception {
    try (RawClient client = new RawClient(proxy.port())) {
      client.send(POST + POST + POST);
      drain(1);
      go.countDown();
      String answers = lower(client.restOrReset());
      String last = answers.substring(answers.lastIndexOf("http/1.1 200"));
      assertThat(last).contains(CLOSE).endsWith("whole");
      assertThat(answers.substring(0, answers.length() - last.length())).doesNotContain(CLOSE);
    }
  }

  @Test
  void http2_isToldByGoaway_andItsCallsEnd() throws Exception {
    try (RawClient caller = http2(proxy.port())) {
      caller.out().write(frame(HEADERS, END_STREAM_AND_HEADERS, 1, getByHpack()));
      caller.out().flush();
      drain(1);
      String goaway = frame(caller, GOAWAY);
      assertThat(goaway.substring(9)).isEqualTo("\0\0\0\1\0\0\0\0"); // stream 1 ends, no error
      go.countDown();
      frame(caller, HEADERS);
    }
  }

  private static String lower(String answer) {
    return answer.toLowerCase(Locale.ROOT);
  }

  private static void take(CountDownLatch go) throws IOException {
    try {
      if (!go.await(60, TimeUnit.SECONDS)) {
        throw new IOException("nobody said go");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }
}
