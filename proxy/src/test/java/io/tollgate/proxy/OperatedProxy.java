package io.tollgate.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tollgate.contract.Access;
import io.tollgate.contract.Entitlements;
import io.tollgate.proxy.forward.Origin;
import io.tollgate.proxy.forward.RawClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A proxy as its operators set it up: access log, spans, a Via, two upstreams, one tenant. */
@SuppressWarnings("StringConcatToTextBlock") // every line ends with CR LF, which text blocks hide
final class OperatedProxy implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final FakeControlPlane controlPlane = new FakeControlPlane();
  private final Origin origin = Origin.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  private final Origin broken = new Origin(OperatedProxy::breakOff);
  private final String settings;
  private final Proxy proxy;

  /**
   * Starts one.
   *
   * @param data an empty directory
   * @param collector the port to which spans go
   */
  OperatedProxy(Path data, int collector) throws Exception {
    settings =
        TestSettings.alone(data, controlPlane, "")
            + """
        upstreams:
          api: {addresses: ["127.0.0.1:%d"]}
          broken: {addresses: ["127.0.0.1:%d"]}
        engine: {transports: [nio], drain: 2s, access-log: 1, via: true}
        tracing:
          endpoint: "http://127.0.0.1:%d/v1/traces"
          authorization: {env: COLLECTOR}
          sample: 1000000
        routes:
          - {name: all, match: {methods: [GET, POST]}, upstream: api, response-timeout: 30500ms}
          - {name: silent, match: {path: /silent}, upstream: broken, response-timeout: 300ms}
          - {name: broken, upstream: broken}
        """
                .formatted(origin.port(), broken.port(), collector);
    proxy = Proxy.start(TestSettings.parse(settings));
    put(Tenants.tenant("ops", "ops-key", Access.FULL, 1, List.of()));
    call("/first", ""); // one in a million: the first begins a sampled trace
  }

  private static void breakOff(Origin.Connection connection) throws IOException {
    if (connection.head().startsWith("PUT /silent ")) {
      connection.rest();
    } else {
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
    }
  }

  Proxy proxy() {
    return proxy;
  }

  void put(Entitlements tenant) {
    controlPlane.put(tenant);
  }

  /** Puts its settings in force again, with one text in them replaced. */
  void reload(String text, String other) {
    proxy.reload(TestSettings.parse(settings.replace(text, other)));
  }

  /** The settings in force, as operators see them. */
  JsonNode config() throws IOException {
    String answer = admin("GET /config");
    return JSON.readTree(answer.substring(answer.indexOf("\r\n\r\n")));
  }

  /** The head of the call with this path, as the upstream got it; empty where it did not. */
  String seen(String path) {
    return origin.heads().stream()
        .filter(head -> head.startsWith("GET " + path))
        .findFirst()
        .orElse("");
  }

  /** Calls by GET; with the tenant's key where no fields are given. */
  void call(String target, String fields) throws IOException {
    try (RawClient client = new RawClient(proxy.port())) {
      String sent = fields.isEmpty() ? "X-Api-Key: ops-key\r\n" : fields;
      String answer =
          client.send("GET " + target + " HTTP/1.1\r\nHost: h\r\n" + sent + "\r\n").response();
      assertThat(answer).startsWith("HTTP/1.1 ");
    }
  }

  /** Sends these bytes, and is answered with the status. */
  void raw(String request, int status) throws IOException {
    try (RawClient client = new RawClient(proxy.port())) {
      assertThat(client.send(request).restOrReset()).matches("(?s)HTTP/1.[01] " + status + " .*");
    }
  }

  /** What the admin port answers. */
  String admin(String line) throws IOException {
    try (RawClient client = new RawClient(proxy.adminPort())) {
      return client.send(line + " HTTP/1.1\r\nHost: h\r\n\r\n").response();
    }
  }

  @Override
  public void close() throws IOException {
    proxy.stop();
    origin.close();
    broken.close();
    controlPlane.close();
  }
}
