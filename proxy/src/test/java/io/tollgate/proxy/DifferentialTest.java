package io.tollgate.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.proxy.config.FreePorts;
import io.tollgate.proxy.forward.Origin;
import io.tollgate.proxy.forward.RawClient;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same bytes to nginx, HAProxy and Tollgate: status, what goes upstream, and whether the
 * connection lives on have to be as with one of the two, or there is a reason. Where neither is
 * installed there is nothing to compare with.
 */
@Timeout(120)
@SuppressWarnings("StringConcatToTextBlock") // every line ends with CR LF, which text blocks hide
class DifferentialTest {
  private static final String GET = "GET /x HTTP/1.1\r\nHost: h\r\n";
  private static final String POST = "POST /x HTTP/1.1\r\nHost: h\r\n";
  private static final String CHUNKED = POST + "Transfer-Encoding: chunked\r\n\r\n";

  /** Where Tollgate does as neither of them, and why. */
  private static final Map<String, String> REASONS = reasons();

  @TempDir Path directory;

  /** What came of a request: {@code STATUS, what went upstream, open or closed}. */
  private record Outcome(String status, String forwarded, boolean closed) {
    @Override
    public String toString() {
      return status
          + " "
          + (forwarded.isEmpty() ? "nothing" : forwarded)
          + (closed ? " closed" : "");
    }
  }

  @TestFactory
  Stream<DynamicTest> everyCase_isAsWithOneOfThem() throws Exception {
    return installed("nginx") && installed("haproxy")
        ? Stream.of(DynamicTest.dynamicTest("nginx and HAProxy", this::compare))
        : Stream.of();
  }

  private void compare() throws Exception {
    List<String> differences = new ArrayList<>();
    try (Origin origin = new Origin(DifferentialTest::answer);
        Peer nginx = Peer.nginx(directory, origin.port());
        Peer haproxy = Peer.haproxy(directory, origin.port());
        TestProxy proxy = new TestProxy(directory.resolve("data"), origin.port(), "")) {
      cases()
          .forEach(
              (name, request) -> {
                Outcome byNginx = outcome(nginx.port(), request);
                Outcome byHaproxy = outcome(haproxy.port(), request);
                Outcome ours = outcome(proxy.port(), request);
                boolean alike = ours.equals(byNginx) || ours.equals(byHaproxy);
                if (alike == REASONS.containsKey(name)) {
                  differences.add(
                      "%s: Tollgate %s; nginx %s; HAProxy %s"
                          .formatted(name, ours, byNginx, byHaproxy));
                }
              });
    }
    assertThat(differences).isEmpty();
  }

  private static Outcome outcome(int port, String request) {
    try (RawClient client = new RawClient(port)) {
      client.send(request);
      String first = client.response(request.startsWith("HEAD"));
      while (first.startsWith("HTTP/1.1 1")) {
        first = client.response();
      }
      String status = first.isEmpty() ? "none" : first.split(" ", 3)[1];
      String forwarded = "";
      int at = first.indexOf("\r\n\r\n");
      if (at >= 0) {
        forwarded = field(first, "x-saw: ");
      }
      return new Outcome(status, forwarded, isClosed(client));
    } catch (IOException e) {
      return new Outcome("none", "", true);
    }
  }

  private static boolean isClosed(RawClient client) {
    try {
      return !client.send(GET + "\r\n").response().startsWith("HTTP/1.");
    } catch (IOException e) {
      return true;
    }
  }

  /** A field's value, whatever the case of its name; empty where it is not there. */
  private static String field(String head, String name) {
    int at = head.toLowerCase(Locale.ROOT).indexOf(name);
    return at < 0 ? "" : head.substring(at + name.length(), head.indexOf('\r', at));
  }

  /** Says in a field what it was sent. */
  private static void answer(Origin.Connection connection) throws IOException {
    for (String head = connection.head(); !head.isEmpty(); head = connection.head()) {
      String lower = head.toLowerCase(Locale.ROOT);
      String line = head.substring(0, head.indexOf(" HTTP/"));
      String body = "";
      int length = lower.indexOf("\r\ncontent-length: ");
      if (lower.contains("\r\ntransfer-encoding: chunked")) {
        body = chunks(connection);
      } else if (length >= 0) {
        body =
            connection.read(Integer.parseInt(field(lower.substring(length), "content-length: ")));
      }
      String note = lower.contains("\r\nx-note: ") ? " note=" + field(lower, "x-note: ") : "";
      connection.send(
          "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Saw: "
              + (line + " " + body + note).strip()
              + (line.startsWith("HEAD") ? "\r\n\r\n" : "\r\n\r\nok"));
    }
  }

  private static String chunks(Origin.Connection connection) throws IOException {
    StringBuilder body = new StringBuilder();
    while (true) {
      String line = line(connection);
      int size = Integer.parseInt(line.split(";", 2)[0].strip(), 16);
      if (size == 0) {
        while (!line(connection).isEmpty()) {
          // trailers
        }
        return body.toString();
      }
      body.append(connection.read(size));
      line(connection);
    }
  }

  private static String line(Origin.Connection connection) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int b = connection.in().read(); b >= 0 && b != '\n'; b = connection.in().read()) {
      line.append((char) b);
    }
    return line.toString().strip();
  }

  private static Map<String, String> cases() {
    Map<String, String> cases = new LinkedHashMap<>();
    cases.put("get", GET + "\r\n");
    cases.put("head", "HEAD /x HTTP/1.1\r\nHost: h\r\n\r\n");
    cases.put("post", POST + "Content-Length: 3\r\n\r\nabc");
    cases.put("post without a body", POST + "Content-Length: 0\r\n\r\n");
    cases.put("chunked", CHUNKED + "3\r\nabc\r\n0\r\n\r\n");
    cases.put("chunk extension", CHUNKED + "3;a=b\r\nabc\r\n0\r\n\r\n");
    cases.put("chunk size with zeros", CHUNKED + "0003\r\nabc\r\n0\r\n\r\n");
    cases.put("chunked with trailers", CHUNKED + "3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n");
    cases.put("absolute form", "GET http://other/x?y HTTP/1.1\r\nHost: other\r\n\r\n");
    cases.put("absolute form, another host", "GET http://other/x HTTP/1.1\r\nHost: h\r\n\r\n");
    cases.put("options asterisk", "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n");
    cases.put("delete with a body", "DELETE /x HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\na");
    cases.put("unknown method", "BREW /x HTTP/1.1\r\nHost: h\r\n\r\n");
    cases.put("http/1.0", "GET /x HTTP/1.0\r\n\r\n");
    cases.put("http/1.0 keep-alive", "GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    cases.put("connection close", GET + "Connection: close\r\n\r\n");
    cases.put("connection names a field", GET + "Connection: X-Note\r\nX-Note: 1\r\n\r\n");
    cases.put("expect continue", POST + "Content-Length: 0\r\nExpect: 100-continue\r\n\r\n");
    cases.put("escaped path", "GET /a%20b%2Fc HTTP/1.1\r\nHost: h\r\n\r\n");
    cases.put("doubled slashes", "GET //a//b HTTP/1.1\r\nHost: h\r\n\r\n");
    cases.put("dot segments", "GET /a/../b HTTP/1.1\r\nHost: h\r\n\r\n");
    cases.put("query", "GET /x?a=%31&b=[c]&d HTTP/1.1\r\nHost: h\r\n\r\n");
    cases.put("blank in a field", GET + "X-Note: \t v \t\r\n\r\n");
    cases.put("empty line first", "\r\n" + GET + "\r\n");
    cases.put("upgrade to h2c", GET + "Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n");
    cases.put("te gzip", GET + "Connection: TE\r\nTE: gzip\r\n\r\n");
    refused(cases);
    return cases;
  }

  private static void refused(Map<String, String> cases) {
    cases.put("length and chunked", CHUNKED.replace("\r\n\r\n", "\r\nContent-Length: 5\r\n\r\n"));
    cases.put("two lengths", POST + "Content-Length: 0\r\nContent-Length: 5\r\n\r\n");
    cases.put("two same lengths", POST + "Content-Length: 0\r\nContent-Length: 0\r\n\r\n");
    cases.put("length list", POST + "Content-Length: 0, 0\r\n\r\n");
    cases.put("length list of three", POST + "Content-Length: 3, 3\r\n\r\nabc");
    cases.put("length with a sign", POST + "Content-Length: +3\r\n\r\nabc");
    cases.put("chunks of 1.0", CHUNKED.replace("1.1", "1.0") + "3\r\nabc\r\n0\r\n\r\n");
    cases.put("chunk extension without a name", CHUNKED + "3;\r\nabc\r\n0\r\n\r\n");
    cases.put("chunk size of 100 digits", CHUNKED + "f".repeat(100) + "\r\nabc\r\n0\r\n\r\n");
    cases.put("negative length", POST + "Content-Length: -1\r\n\r\n");
    cases.put("coding not chunked", POST + "Transfer-Encoding: identity\r\n\r\n");
    cases.put("coding before chunked", POST + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n");
    cases.put("space before the colon", GET + "X-Note : 1\r\n\r\n");
    cases.put("nul in a field", GET + "X-Note: a\0b\r\n\r\n");
    cases.put("bare cr in a field", GET + "X-Note: a\rb\r\n\r\n");
    cases.put("bare lf lines", "GET /x HTTP/1.1\nHost: h\n\n");
    cases.put("line fold", GET + "X-Note: a\r\n b\r\n\r\n");
    cases.put("no host", "GET /x HTTP/1.1\r\n\r\n");
    cases.put("two hosts", GET + "Host: i\r\n\r\n");
    cases.put("host with a slash", "GET /x HTTP/1.1\r\nHost: a/b\r\n\r\n");
    cases.put("target without a slash", "GET x HTTP/1.1\r\nHost: h\r\n\r\n");
    cases.put("space in the target", "GET /x y HTTP/1.1\r\nHost: h\r\n\r\n");
    cases.put("nul in the target", "GET /x\0y HTTP/1.1\r\nHost: h\r\n\r\n");
    cases.put("control in the target", "GET /x\u0001y HTTP/1.1\r\nHost: h\r\n\r\n");
    cases.put("another protocol", "GET /x FOO/1.1\r\nHost: h\r\n\r\n");
    cases.put("connect", "CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n");
    cases.put("unknown version", "GET /x HTTP/1.2\r\nHost: h\r\n\r\n");
    cases.put("version 2.0", "GET /x HTTP/2.0\r\nHost: h\r\n\r\n");
    cases.put("line too long", "GET /" + "x".repeat(70_000) + " HTTP/1.1\r\nHost: h\r\n\r\n");
    cases.put("field too long", GET + "X-Note: " + "x".repeat(70_000) + "\r\n\r\n");
    cases.put("chunk size not hex", CHUNKED + "zz\r\n\r\n");
    cases.put("chunk size of 2^64", CHUNKED + "10000000000000003\r\nabc\r\n0\r\n\r\n");
    cases.put("chunk line ends with lf", CHUNKED + "3\nabc\r\n0\r\n\r\n");
    cases.put("field without a name", GET + ": 1\r\n\r\n");
  }

  private static Map<String, String> reasons() {
    return Map.of(
        "connection names a field",
        "what Connection names is for this hop only (RFC 9110, section 7.6.1)",
        "bare lf lines",
        "may be taken (RFC 9112, section 2.2), but not by two readers in two ways",
        "connect",
        "nginx knows no such method, HAProxy opens a tunnel",
        "field too long",
        "431 says it better than 400 (RFC 6585, section 5)",
        "chunk line ends with lf",
        "netty#15522: two readers could find two requests",
        "chunk extension without a name",
        "an extension has a name (RFC 9112, section 7.1.1): what else stands there is no chunk line");
  }

  private static boolean installed(String program) {
    return Peer.find(program).isPresent();
  }

  /** Another proxy, as its distribution installed it. */
  private record Peer(Process process, int port) implements AutoCloseable {
    static Peer nginx(Path directory, int origin) throws Exception {
      int port = FreePorts.one();
      Path prefix = Files.createDirectories(directory.resolve("nginx"));
      Path file = prefix.resolve("nginx.conf");
      Files.writeString(
          file,
          """
          daemon off;
          master_process off;
          pid %1$s/pid;
          error_log stderr crit;
          events {}
          http {
            access_log off;
            client_body_temp_path %1$s/body;
            proxy_temp_path %1$s/proxy;
            fastcgi_temp_path %1$s/fastcgi;
            uwsgi_temp_path %1$s/uwsgi;
            scgi_temp_path %1$s/scgi;
            upstream api { server 127.0.0.1:%3$d; keepalive 8; }
            server {
              listen 127.0.0.1:%2$d;
              location / {
                proxy_pass http://api;
                proxy_http_version 1.1;
                proxy_set_header Connection "";
                proxy_request_buffering off;
              }
            }
          }
          """
              .formatted(prefix, port, origin));
      return start(
          port, find("nginx").orElseThrow(), "-p", prefix.toString(), "-c", file.toString());
    }

    static Peer haproxy(Path directory, int origin) throws Exception {
      int port = FreePorts.one();
      Path file = directory.resolve("haproxy.cfg");
      Files.writeString(
          file,
          """
          defaults
            mode http
            timeout connect 2s
            timeout client 2s
            timeout server 2s
          frontend f
            bind 127.0.0.1:%d
            default_backend b
          backend b
            server s 127.0.0.1:%d
          """
              .formatted(port, origin));
      return start(port, find("haproxy").orElseThrow(), "-f", file.toString(), "-db");
    }

    static Optional<String> find(String program) {
      String path = System.getenv().getOrDefault("PATH", "") + File.pathSeparator + "/usr/sbin";
      for (String directory : path.split(File.pathSeparator, -1)) {
        File file = new File(directory, program);
        if (file.canExecute()) {
          return Optional.of(file.getPath());
        }
      }
      return Optional.empty();
    }

    private static Peer start(int port, String... command) throws Exception {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      for (int i = 0; i < 1000; i++) {
        assertThat(process.isAlive()).as("%s", (Object) command).isTrue();
        try {
          new RawClient(port).close();
          return new Peer(process, port);
        } catch (IOException e) {
          Thread.sleep(20);
        }
      }
      throw new IOException(command[0] + " does not listen");
    }

    @Override
    public void close() {
      process.destroy();
      var unused = process.onExit().orTimeout(10, TimeUnit.SECONDS).join();
    }
  }
}
