package io.tollgate.proxy.forward;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.util.AsciiString;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;

/**
 * An answer made by the proxy itself: {@code application/problem+json} (RFC 9457).
 *
 * @param status the HTTP status
 * @param type the problem type's URI, {@code about:blank} for none
 * @param title short, the same for every problem of the type
 * @param detail one sentence for the caller
 * @param violatedPolicies names of the limits that refused; empty leaves the member out
 * @param retryAfterSeconds when it is worth trying again, for {@code Retry-After}; -1 leaves it out
 * @param denial the id by which operators find why; empty leaves the member out
 */
public record Problem(
    int status,
    String type,
    String title,
    String detail,
    List<String> violatedPolicies,
    long retryAfterSeconds,
    String denial) {
  static final CharSequence RETRY_AFTER = AsciiString.cached("Retry-After");
  private static final CharSequence JSON = AsciiString.cached("application/problem+json");

  public Problem {
    violatedPolicies = List.copyOf(violatedPolicies);
  }

  /** A problem without a type of its own. */
  public static Problem of(int status, String title, String detail) {
    return new Problem(status, "about:blank", title, detail, List.of(), -1, "");
  }

  /** Sends it. Does nothing where an answer has begun or the caller is gone. */
  public void send(HttpServerResponse response) {
    if (response.headWritten() || response.ended() || response.closed()) {
      return;
    }
    response.setStatusCode(status);
    response.putHeader(HttpHeaderNames.CONTENT_TYPE, JSON);
    if (retryAfterSeconds >= 0) {
      response.putHeader(RETRY_AFTER, Long.toString(retryAfterSeconds));
    }
    var unused = response.end(json());
  }

  /** Sends it in the caller's own terms: to gRPC callers as trailers. */
  public void answer(HttpServerRequest request) {
    if (Grpc.is(request)) {
      Grpc.refuse(request.response(), this);
    } else {
      send(request.response());
    }
  }

  String json() {
    StringBuilder json = new StringBuilder(256);
    json.append("{\"type\":");
    text(json, type);
    json.append(",\"title\":");
    text(json, title);
    json.append(",\"status\":").append(status).append(",\"detail\":");
    text(json, detail);
    if (!violatedPolicies.isEmpty()) {
      json.append(",\"violated-policies\":[");
      for (int i = 0; i < violatedPolicies.size(); i++) {
        if (i > 0) {
          json.append(',');
        }
        text(json, violatedPolicies.get(i));
      }
      json.append(']');
    }
    if (!denial.isEmpty()) {
      json.append(",\"denial\":");
      text(json, denial);
    }
    return json.append('}').toString();
  }

  private static void text(StringBuilder json, String text) {
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < ' ') {
        json.append(String.format("\\u%04x", (int) c));
      } else {
        json.append(c);
      }
    }
    json.append('"');
  }
}
