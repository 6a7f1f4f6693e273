package io.tollgate.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Entitlements;
import io.tollgate.proxy.forward.Await;
import io.tollgate.proxy.forward.Origin;
import io.tollgate.proxy.forward.RawClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;

/** The proxy as it ships, between an origin that answers {@code ok} and a control plane's wire. */
final class WholeProxy implements AutoCloseable {
  final FakeControlPlane controlPlane = new FakeControlPlane();
  private final Origin origin = Origin.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  private final Proxy proxy;
  private final String settings;

  /** Starts one with a route {@code /export} that needs the feature and counts three exports. */
  WholeProxy(Path data) throws Exception {
    settings =
        TestSettings.alone(data, controlPlane, "")
            + """
        upstreams: {api: {addresses: ["127.0.0.1:%d"]}}
        engine: {transports: [nio], drain: 2s}
        routes:
          - {name: export, match: {path: /export}, feature: export, meters: {calls: 1, exports: 3}}
          - {name: rest}
        """
                .formatted(origin.port());
    proxy = Proxy.start(TestSettings.parse(settings));
    Await.until(() -> proxy.entitlements().status().connected());
  }

  int adminPort() {
    return proxy.adminPort();
  }

  /** Request heads the origin has seen. */
  List<String> heads() {
    return origin.heads();
  }

  /** The control plane commits a tenant's state. */
  void put(Entitlements state) {
    controlPlane.put(state);
  }

  /** Puts its settings in force again, with something in them said otherwise. */
  void reload(String said, String otherwise) {
    proxy.reload(TestSettings.parse(settings.replace(said, otherwise)));
  }

  /** The answer to a request line and more fields. */
  String call(String line, String fields) throws IOException {
    String length = line.startsWith("POST") ? "Content-Length: 0\r\n" : "";
    return ask(proxy.port(), line, length + fields);
  }

  /** Its status. */
  String status(String line, String fields) {
    try {
      return call(line, fields).split(" ", 3)[1];
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the operators' port answers. */
  String admin(String line) throws IOException {
    return ask(proxy.adminPort(), line, "");
  }

  /** What it says of a refusal by the id in its problem. */
  String explained(String refused) throws IOException {
    String id = refused.replaceAll("(?s).*\"denial\":\"([a-z0-9-]+)\".*", "$1");
    String answer = admin("GET /explain?denial=" + id);
    assertThat(answer).startsWith("HTTP/1.1 200").contains("\"id\":\"" + id + "\"");
    return answer;
  }

  private static String ask(int port, String line, String fields) throws IOException {
    try (RawClient client = new RawClient(port)) {
      return client.send(line + " HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n").response();
    }
  }

  @Override
  public void close() throws IOException {
    proxy.stop();
    origin.close();
    controlPlane.close();
  }
}
