package io.tollgate.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.proxy.caller.Defended;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Callers that leave, stop or are slow, and those that send on after their answer. */
@Timeout(60)
@SuppressWarnings("StringConcatToTextBlock") // every line ends with CR LF, which text blocks hide
class CallerPaceTest {
  private static final String GET = "GET /a?b=c HTTP/1.1\r\nHost: api.example.org\r\n\r\n";

  @Test
  void callerLeaves_upstreamIsCancelled() throws Exception {
    try (Origin origin = new Origin(connection -> connection.rest());
        ForwardBench bench = new ForwardBench(origin.port(), "")) {
      try (RawClient client = new RawClient(bench.port())) {
        client.send(GET);
        Await.until(() -> origin.open() == 1);
      }
      Await.until(() -> origin.open() == 0 && bench.inFlight() == 0);
      Await.until(() -> bench.ends().equals(List.of("ABORTED")));
    }
  }

  @Test
  void thousandCallersLeave_nothingLeaks() throws Exception {
    try (Origin origin = new Origin(connection -> connection.rest());
        ForwardBench bench = new ForwardBench(origin.port(), ", keep-alive: 200ms")) {
      for (int i = 0; i < 1000; i++) {
        try (RawClient client = new RawClient(bench.port())) {
          client.send(GET);
        }
      }
      Await.until(() -> bench.inFlight() == 0);
      Await.until(
          () -> origin.open() == 0); // also those opened for callers that had left meanwhile
    }
  }

  @Test
  void answerInTheMiddleOfAnUpload_reachesACallerThatStillSends() throws Exception {
    CountDownLatch answered = new CountDownLatch(1);
    try (Origin origin =
            new Origin(
                connection -> {
                  connection.head();
                  connection.read(10_000);
                  connection.send(
                      "HTTP/1.1 413 Content Too Large\r\nContent-Length: 7\r\n"
                          + "Connection: close\r\n\r\ntoo big");
                  Origin.take(answered); // and reads no more
                });
        ForwardBench bench = new ForwardBench(origin.port(), "", "defence: {idle-timeout: 3s}");
        RawClient client = new RawClient(bench.port())) {
      client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000000\r\n\r\n");
      Thread sender =
          Thread.ofVirtual()
              .start(
                  () -> {
                    byte[] piece = new byte[64 << 10];
                    try {
                      while (true) {
                        client.out().write(piece);
                      }
                    } catch (IOException closedOn) {
                      answered.countDown();
                    }
                  });
      assertThat(client.response())
          .startsWith("HTTP/1.1 413 Content Too Large")
          .endsWith("\r\n\r\ntoo big");
      sender.join(20_000);
      assertThat(sender.isAlive()).isFalse();
      Await.until(() -> origin.open() == 0 && bench.inFlight() == 0);
      Await.until(() -> bench.ends().equals(List.of("ANSWERED")));
    }
  }

  @Test
  void bodyThatStopsInTheMiddle_is408() throws Exception {
    try (Origin origin = new Origin(connection -> connection.rest());
        ForwardBench bench = new ForwardBench(origin.port(), ", idle-timeout: 200ms");
        RawClient client = new RawClient(bench.port())) {
      client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
      assertThat(client.restOrReset()).startsWith("HTTP/1.1 408");
    }
  }

  @Test
  void bodyThatComesTooSlowly_is408() throws Exception {
    try (Origin origin = new Origin(connection -> connection.rest());
        ForwardBench bench = new ForwardBench(origin.port(), "", "defence: {body-rate: 1KiB}");
        RawClient client = new RawClient(bench.port())) {
      client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n");
      String answer = "";
      for (int i = 0; i < 60 && answer.isEmpty(); i++) {
        client.send("drop by drop");
        Thread.sleep(250);
        answer = client.in().available() > 0 ? client.head() : "";
      }
      assertThat(answer).startsWith("HTTP/1.1 408");
      assertThat(bench.defended()).containsExactly(Defended.SLOW_BODY);
      Await.until(() -> bench.inFlight() == 0 && origin.open() == 0);
    }
  }

  @Test
  void answerThatIsNotRead_isCutOff() throws Exception {
    try (Origin origin = endless();
        ForwardBench bench = new ForwardBench(origin.port(), ", idle-timeout: 300ms");
        RawClient client = new RawClient(bench.port())) {
      client.send(GET);
      Await.until(() -> bench.defended().contains(Defended.SLOW_READER));
      Await.until(() -> bench.inFlight() == 0 && origin.open() == 0);
    }
  }

  @Test
  void tooManyAnswersUnread_theOldestMakeRoom() throws Exception {
    try (Origin origin = endless();
        ForwardBench bench = new ForwardBench(origin.port(), "", "defence: {memory: 1MiB}")) {
      List<RawClient> readers = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        readers.add(new RawClient(bench.port()).send(GET));
      }
      Await.until(() -> bench.defended().size() == 2 && bench.inFlight() == 8);
      assertThat(bench.defended()).containsOnly(Defended.MEMORY);
      for (RawClient reader : readers) {
        reader.close();
      }
      Await.until(() -> bench.inFlight() == 0);
    }
  }

  private static Origin endless() throws Exception {
    return new Origin(
        connection -> {
          connection.head();
          connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n");
          byte[] piece = new byte[1 << 16];
          while (true) {
            connection.out().write(piece);
          }
        });
  }
}
