package io.tollgate.proxy.forward;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.util.AsciiString;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/**
 * gRPC as an intermediary has to know it: its callers read a refusal in trailers, not in a status
 * and a body (gRPC over HTTP/2, "Responses").
 */
final class Grpc {
  private static final String CONTENT_TYPE = "application/grpc";
  private static final CharSequence STATUS = AsciiString.cached("grpc-status");
  private static final CharSequence MESSAGE = AsciiString.cached("grpc-message");
  private static final CharSequence DETAILS = AsciiString.cached("grpc-status-details-bin");
  private static final String RETRY_INFO = "type.googleapis.com/google.rpc.RetryInfo";
  private static final String QUOTA_FAILURE = "type.googleapis.com/google.rpc.QuotaFailure";

  private static final int PERMISSION_DENIED = 7;
  private static final int RESOURCE_EXHAUSTED = 8;
  private static final int UNIMPLEMENTED = 12;
  private static final int INTERNAL = 13;
  private static final int UNAVAILABLE = 14;
  private static final int UNAUTHENTICATED = 16;

  private Grpc() {}

  /** Whether the call is gRPC: HTTP/2 with {@code application/grpc}, maybe {@code +proto}. */
  static boolean is(HttpServerRequest request) {
    if (request.version() != HttpVersion.HTTP_2) {
      return false;
    }
    String type = request.headers().get(HttpHeaderNames.CONTENT_TYPE);
    if (type == null || !type.regionMatches(true, 0, CONTENT_TYPE, 0, CONTENT_TYPE.length())) {
      return false;
    }
    return type.length() == CONTENT_TYPE.length()
        || "+; ".indexOf(type.charAt(CONTENT_TYPE.length())) >= 0;
  }

  /** Sends the problem as an answer of trailers only. */
  static void refuse(HttpServerResponse response, Problem problem) {
    if (response.headWritten() || response.ended() || response.closed()) {
      return;
    }
    MultiMap fields = response.headers();
    response.setStatusCode(200);
    fields.set(HttpHeaderNames.CONTENT_TYPE, CONTENT_TYPE);
    if (problem.retryAfterSeconds() >= 0) {
      fields.set(Problem.RETRY_AFTER, Long.toString(problem.retryAfterSeconds()));
    }
    say(problem, fields);
    endWithHead(response);
  }

  private static void say(Problem problem, MultiMap trailers) {
    // A spent limit is RESOURCE_EXHAUSTED, whichever HTTP status is set for it.
    boolean spent = !problem.violatedPolicies().isEmpty() && problem.status() != 503;
    int status = spent ? RESOURCE_EXHAUSTED : status(problem.status());
    trailers.set(STATUS, Integer.toString(status));
    trailers.set(MESSAGE, percentEncoded(problem.detail()));
    if (problem.retryAfterSeconds() >= 0 || !problem.violatedPolicies().isEmpty()) {
      trailers.set(DETAILS, details(status, problem));
    }
  }

  /**
   * Ends an answer in the middle, since a limit is spent.
   *
   * @param headDue whether its head has not gone out yet
   */
  static void exhausted(HttpServerResponse response, boolean headDue, Problem why) {
    say(why, headDue ? response.headers() : response.trailers());
    if (headDue) {
      endWithHead(response);
    } else {
      var unused = response.end();
    }
  }

  /** Ends with the head, without the length that Vert.x adds: these fields are the trailers. */
  static void endWithHead(HttpServerResponse response) {
    response.headersEndHandler(done -> response.headers().remove(HttpHeaderNames.CONTENT_LENGTH));
    var unused = response.end();
  }

  /** The gRPC status of a refusal that HTTP callers know by its number. */
  private static int status(int http) {
    return switch (http) {
      case 401 -> UNAUTHENTICATED;
      case 402, 403 -> PERMISSION_DENIED;
      case 404, 405, 501 -> UNIMPLEMENTED;
      case 413, 429, 431 -> RESOURCE_EXHAUSTED;
      case 502, 503, 504 -> UNAVAILABLE;
      default -> INTERNAL;
    };
  }

  /** A google.rpc.Status with RetryInfo and QuotaFailure: protocol buffers, base64 unpadded. */
  private static String details(int status, Problem problem) {
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    number(message, 1, status);
    text(message, 2, problem.detail());
    if (problem.retryAfterSeconds() >= 0) {
      ByteArrayOutputStream seconds = new ByteArrayOutputStream();
      number(seconds, 1, problem.retryAfterSeconds());
      ByteArrayOutputStream info = new ByteArrayOutputStream();
      bytes(info, 1, seconds.toByteArray());
      any(message, RETRY_INFO, info.toByteArray());
    }
    if (!problem.violatedPolicies().isEmpty()) {
      any(message, QUOTA_FAILURE, violations(problem.violatedPolicies()));
    }
    return Base64.getEncoder().withoutPadding().encodeToString(message.toByteArray());
  }

  private static byte[] violations(List<String> policies) {
    ByteArrayOutputStream failure = new ByteArrayOutputStream();
    for (String policy : policies) {
      ByteArrayOutputStream violation = new ByteArrayOutputStream();
      text(violation, 1, policy);
      bytes(failure, 1, violation.toByteArray());
    }
    return failure.toByteArray();
  }

  private static void any(ByteArrayOutputStream status, String type, byte[] value) {
    ByteArrayOutputStream any = new ByteArrayOutputStream();
    text(any, 1, type);
    bytes(any, 2, value);
    bytes(status, 3, any.toByteArray());
  }

  private static void number(ByteArrayOutputStream out, int field, long value) {
    out.write(field << 3);
    varint(out, value);
  }

  private static void text(ByteArrayOutputStream out, int field, String value) {
    bytes(out, field, value.getBytes(StandardCharsets.UTF_8));
  }

  private static void bytes(ByteArrayOutputStream out, int field, byte[] value) {
    out.write((field << 3) | 2);
    varint(out, value.length);
    out.writeBytes(value);
  }

  private static void varint(ByteArrayOutputStream out, long value) {
    long rest = value;
    while (rest > 0x7f) {
      out.write((int) ((rest & 0x7f) | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  /** Printable ASCII as it is, the rest of the UTF-8 bytes and the percent sign as %XX. */
  private static String percentEncoded(String text) {
    StringBuilder encoded = new StringBuilder(text.length());
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      if (b >= ' ' && b <= '~' && b != '%') {
        encoded.append((char) b);
      } else {
        encoded.append('%').append(String.format("%02X", b & 0xff));
      }
    }
    return encoded.toString();
  }
}
