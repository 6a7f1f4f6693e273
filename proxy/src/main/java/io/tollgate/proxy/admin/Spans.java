package io.tollgate.proxy.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;

/**
 * A call's spans in the form of OTLP's JSON (opentelemetry-proto 1.x, "JSON Protobuf Encoding").
 */
final class Spans {
  private static final int SERVER = 2;
  private static final int CLIENT = 3;
  private static final int ERROR = 2;

  private Spans() {}

  /** The call's span here and, where it was forwarded, the one upstream. */
  static ArrayNode of(Trace trace, AccessLog.Line line, Instant end) {
    ArrayNode spans = JsonNodeFactory.instance.arrayNode();
    ObjectNode here = span(spans, trace, trace.spanId(), trace.parentId(), SERVER);
    times(here, line.nanos(), end);
    here.put("name", line.route().isEmpty() ? line.method() : line.method() + " " + line.route());
    common(here.putArray("attributes"), line)
        .add(text("tollgate.tenant", line.tenant()))
        .add(text("tollgate.route", line.route()))
        .add(text("tollgate.decision", line.decision()))
        .add(text("tollgate.denial", line.denial()))
        .add(text("tollgate.end", line.end()))
        .add(number("http.request.body.size", line.requestBytes()))
        .add(number("http.response.body.size", line.responseBytes()));
    fail(here, line.status() >= 500 || line.status() == 0);
    if (line.upstreamNanos() >= 0) {
      ObjectNode there = span(spans, trace, trace.upstreamId(), trace.spanId(), CLIENT);
      times(there, line.upstreamNanos(), end);
      there.put("name", line.method());
      common(there.putArray("attributes"), line)
          .add(text("tollgate.upstream", line.upstream()))
          .add(number("tollgate.upstream.head.nanos", line.headNanos()));
      fail(there, line.status() >= 400 || line.status() == 0);
    }
    return spans;
  }

  private static ObjectNode span(ArrayNode spans, Trace trace, String id, String parent, int kind) {
    ObjectNode span = spans.addObject();
    span.put("traceId", trace.traceId()).put("spanId", id).put("kind", kind).put("flags", 1);
    if (!parent.isEmpty()) {
      span.put("parentSpanId", parent);
    }
    return span;
  }

  private static void times(ObjectNode span, long nanos, Instant end) {
    span.put("startTimeUnixNano", unix(end.minusNanos(nanos)));
    span.put("endTimeUnixNano", unix(end));
  }

  private static String unix(Instant instant) {
    return Long.toString(
        Math.addExact(
            Math.multiplyExact(instant.getEpochSecond(), 1_000_000_000L), instant.getNano()));
  }

  private static ArrayNode common(ArrayNode attributes, AccessLog.Line line) {
    return attributes
        .add(text("http.request.method", line.method()))
        .add(text("url.path", line.path()))
        .add(number("http.response.status_code", line.status()));
  }

  private static void fail(ObjectNode span, boolean failed) {
    if (failed) {
      span.putObject("status").put("code", ERROR);
    }
  }

  private static ObjectNode text(String key, String value) {
    ObjectNode attribute = JsonNodeFactory.instance.objectNode().put("key", key);
    attribute.putObject("value").put("stringValue", value);
    return attribute;
  }

  /** 64-bit numbers are strings in protobuf's JSON. */
  private static ObjectNode number(String key, long value) {
    ObjectNode attribute = JsonNodeFactory.instance.objectNode().put("key", key);
    attribute.putObject("value").put("intValue", Long.toString(value));
    return attribute;
  }
}
