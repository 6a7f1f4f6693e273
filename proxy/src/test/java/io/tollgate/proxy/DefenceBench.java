package io.tollgate.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.proxy.forward.Origin;
import io.tollgate.proxy.forward.RawClient;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What tests of callers that ask too much stand on: an origin, and proxies that allow little. */
abstract class DefenceBench {
  static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  static final String GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

  @TempDir Path directory;
  Origin origin;

  @BeforeEach
  void open() throws Exception {
    origin = Origin.answering(OK);
  }

  @AfterEach
  void close() throws Exception {
    origin.close();
  }

  /** One with these keys of the defence, in flow style. */
  TestProxy proxy(String defence) throws Exception {
    return new TestProxy(directory.resolve("data"), origin.port(), "defence: {" + defence + "}");
  }

  /** The caller beside them must not notice. */
  static void assertStillServes(TestProxy proxy) throws IOException {
    assertThat(answer(proxy, GET)).startsWith("HTTP/1.1 200");
  }

  static String answer(TestProxy proxy, String request) throws IOException {
    try (RawClient client = new RawClient(proxy.port())) {
      return client.send(request).response();
    }
  }
}
