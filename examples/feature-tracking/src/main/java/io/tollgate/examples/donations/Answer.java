package io.tollgate.examples.donations;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** What is sent back: a status, a media type and a body. */
final class Answer {
  private final int status;
  private final String type;
  private final byte[] body;

  private Answer(int status, String type, byte[] body) {
    this.status = status;
    this.type = type;
    this.body = body;
  }

  void send(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
  }

  static Answer json(int status, Object value) {
    return new Answer(
        status, "application/json", Json.write(value).getBytes(StandardCharsets.UTF_8));
  }

  static Answer pdf(byte[] document) {
    return new Answer(200, "application/pdf", document);
  }

  /** A problem as RFC 9457 has it. */
  static Answer problem(int status, String title, String detail) {
    Map<String, Object> problem = new LinkedHashMap<>();
    problem.put("title", title);
    problem.put("status", status);
    problem.put("detail", detail);
    return new Answer(
        status, "application/problem+json", Json.write(problem).getBytes(StandardCharsets.UTF_8));
  }
}
