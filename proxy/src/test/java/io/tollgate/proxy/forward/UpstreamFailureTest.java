package io.tollgate.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.proxy.config.FreePorts;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Upstreams that fail, and what their callers are told. */
@Timeout(60)
class UpstreamFailureTest {
  private static final String GET = "GET /a?b=c HTTP/1.1\r\nHost: api.example.org\r\n\r\n";

  @Test
  void originDown_is502NamingTheCause() throws Exception {
    try (ForwardBench bench = new ForwardBench(FreePorts.one(), "");
        RawClient client = new RawClient(bench.port())) {
      assertThat(client.send(GET).response())
          .startsWith("HTTP/1.1 502 Bad Gateway")
          .contains("application/problem+json", "\"status\":502", "could not be opened");
      Await.until(() -> bench.ends().contains("FAILED CONNECT"));
    }
  }

  @Test
  void originSilent_is504() throws Exception {
    try (Origin origin = new Origin(connection -> connection.rest());
        ForwardBench bench = new ForwardBench(origin.port(), ", response-timeout: 200ms");
        RawClient client = new RawClient(bench.port())) {
      assertThat(client.send(GET).response()).startsWith("HTTP/1.1 504").contains("in time");
      Await.until(() -> origin.open() == 0);
    }
  }

  @Test
  void originStallsInTheMiddle_cutsTheCallerOff() throws Exception {
    try (Origin origin =
            new Origin(
                connection -> {
                  connection.head();
                  connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
                  connection.rest();
                });
        ForwardBench bench = new ForwardBench(origin.port(), ", idle-timeout: 200ms");
        RawClient client = new RawClient(bench.port())) {
      assertThat(client.send(GET).restOrReset()).endsWith("\r\n\r\nabc");
      Await.until(() -> bench.ends().contains("CUT_OFF IDLE_TIMEOUT"));
    }
  }

  @Test
  void originAnswersNonsense_is502() throws Exception {
    try (Origin origin = Origin.answering("no http at all\r\n\r\n");
        ForwardBench bench = new ForwardBench(origin.port(), "");
        RawClient client = new RawClient(bench.port())) {
      assertThat(client.send(GET).response()).startsWith("HTTP/1.1 502").contains("not valid HTTP");
    }
  }

  @Test
  void failuresInARow_openTheBreaker() throws Exception {
    try (Origin origin = new Origin(connection -> connection.head());
        ForwardBench bench =
            new ForwardBench(
                origin.port(),
                ", breaker: {calls: 5, open-for: 1h}, retries: {percent: 0, per-second: 0}")) {
      for (int i = 0; i < 5; i++) {
        try (RawClient client = new RawClient(bench.port())) {
          assertThat(client.send(GET).response()).startsWith("HTTP/1.1 502");
        }
      }
      try (RawClient client = new RawClient(bench.port())) {
        assertThat(client.send(GET).response())
            .startsWith("HTTP/1.1 503")
            .contains("failed too often");
      }
    }
  }
}
