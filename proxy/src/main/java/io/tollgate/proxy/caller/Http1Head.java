package io.tollgate.proxy.caller;

import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.tollgate.proxy.http.FieldList;
import java.util.ArrayList;
import java.util.List;

/** What the heads of HTTP/1.1 say of version and connection, said so that Vert.x gets it right. */
final class Http1Head {
  private Http1Head() {}

  /** Vert.x knows {@code close} only in a line of its own (RFC 9112, section 9.6). */
  static void tellClose(HttpHeaders fields) {
    String connection = fields.get(HttpHeaderNames.CONNECTION);
    if (connection == null || connection.length() == HttpHeaderValues.CLOSE.length()) {
      return;
    }
    List<String> tokens = new ArrayList<>();
    for (String line : fields.getAll(HttpHeaderNames.CONNECTION)) {
      tokens.addAll(FieldList.tokens(line));
    }
    for (String token : tokens) {
      if (HttpHeaderValues.CLOSE.contentEqualsIgnoreCase(token)) {
        fields.set(HttpHeaderNames.CONNECTION, tokens);
        return;
      }
    }
  }

  /** Says that the connection closes behind this answer (RFC 9112, section 9.6). */
  static void announceClose(HttpResponse answer) {
    if (answer.status().code() >= HttpResponseStatus.OK.code()) {
      answer.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }
  }

  /**
   * A later minor version is spoken as 1.1 (RFC 9110, section 2.5), any other version not at all:
   * then the request is shown as one of 1.1 that could not be decoded, so that there is an answer.
   */
  static void speak(HttpRequest request) {
    HttpVersion asked = request.protocolVersion();
    if (asked.equals(HttpVersion.HTTP_1_1) || asked.equals(HttpVersion.HTTP_1_0)) {
      return;
    }
    request.setProtocolVersion(HttpVersion.HTTP_1_1);
    if (!request.decoderResult().isSuccess()) {
      return;
    }
    if (!asked.protocolName().equals("HTTP")) {
      request.setDecoderResult(
          DecoderResult.failure(new IllegalArgumentException(asked.text() + " is not HTTP")));
    } else if (asked.majorVersion() != 1) {
      request.setDecoderResult(DecoderResult.failure(new UnspokenVersion(asked.text())));
    }
  }

  /**
   * A caller of HTTP/1.0 is told what is spoken here (RFC 9110, section 2.5), framed as it knows
   * it: without chunks, and until the connection closes where it did not ask to keep it.
   */
  static void answerAs11(HttpResponse head) {
    head.setProtocolVersion(HttpVersion.HTTP_1_1);
    if (!head.headers().contains(HttpHeaderNames.CONNECTION)) {
      head.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }
  }
}
