package io.tollgate.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Entitlements;
import io.tollgate.proxy.config.yaml.ProxyFile;
import io.tollgate.proxy.forward.Await;
import io.tollgate.proxy.forward.Origin;
import io.tollgate.proxy.forward.RawClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The proxy as it ships, between an origin that answers {@code ok} and a control plane's wire. */
final class WholeProxy implements AutoCloseable {
  final FakeControlPlane controlPlane = new FakeControlPlane();
  private final Origin origin = Origin.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  private final Proxy proxy;
  private final String settings;

  /** Starts one with a route {@code /export} that needs the feature and counts three exports. */
  WholeProxy(Path data) throws Exception {
    int cluster;
    try (ServerSocket free = new ServerSocket(0)) {
      cluster = free.getLocalPort();
    }
    settings =
        """
        node: test
        data: "%s"
        listener: {host: 127.0.0.1, port: 0}
        admin: {port: 0}
        letterbox: {port: 0}
        cluster: {name: "proxy-test-%d", port: %d}
        control-plane: {url: "http://127.0.0.1:%d", token: {env: TOKEN}, timeout: 20s, ship: 200ms}
        limits: {answer-within: 10s}
        upstreams: {api: {addresses: ["127.0.0.1:%d"]}}
        engine: {transports: [nio], drain: 2s}
        routes:
          - {name: export, match: {path: /export}, feature: export, meters: {calls: 1, exports: 3}}
          - {name: rest}
        """
            .formatted(data, cluster, cluster, controlPlane.port(), origin.port());
    proxy = Proxy.start(ProxyFile.parse("test", settings, environment()));
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
    proxy.reload(ProxyFile.parse("test", settings.replace(said, otherwise), environment()));
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

  private static Map<String, String> environment() {
    return Map.of("TOKEN", FakeControlPlane.TOKEN);
  }

  @Override
  public void close() throws IOException {
    proxy.stop();
    origin.close();
    controlPlane.close();
  }
}
