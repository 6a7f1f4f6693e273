package io.tollgate.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Answers that are not HTTP, or not what they seem: the caller is told, and the body kept away. */
@Timeout(60)
class InvalidAnswerTest {
  private static final String GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  private static final String POST = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n";

  static Stream<Arguments> answers() {
    String gzip = "Transfer-Encoding: gzip";
    String chunk = "\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
    return Stream.of(
        Arguments.of("two digits", "HTTP/1.1 42 x\r\nContent-Length: 0\r\n\r\n"),
        Arguments.of("four digits", "HTTP/1.1 1000 x\r\nContent-Length: 0\r\n\r\n"),
        Arguments.of("a sign", "HTTP/1.1 +20 x\r\nContent-Length: 0\r\n\r\n"),
        Arguments.of("a leading zero", "HTTP/1.1 020 x\r\nContent-Length: 0\r\n\r\n"),
        Arguments.of("coded chunks", "HTTP/1.1 200 OK\r\n" + gzip + ", chunked" + chunk),
        Arguments.of("coded", "HTTP/1.1 200 OK\r\n" + gzip + "\r\n\r\nhello"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("answers")
  void invalidAnswer_is502_andItsConnectionIsNotUsedAgain(String name, String answer)
      throws Exception {
    for (String request : new String[] {GET, POST}) {
      try (Origin origin = Origin.answering(answer);
          ForwardBench bench = new ForwardBench(origin.port(), ", retries: {per-second: 0}");
          RawClient client = new RawClient(bench.port())) {
        assertThat(client.send(request).response())
            .startsWith("HTTP/1.1 502 ")
            .contains("not valid HTTP")
            .doesNotContain("hello");
        Await.until(() -> origin.open() == 0 && bench.ends().size() == 1);
        assertThat(bench.ends()).allMatch(end -> end.endsWith(" MALFORMED"));
      }
    }
  }
}
