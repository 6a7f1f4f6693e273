package io.tollgate.proxy.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tollgate.proxy.upstream.UpstreamFailure;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A call's spans in the form of OTLP's JSON (opentelemetry-proto 1.x, "JSON Protobuf Encoding").
 */
final class Spans {
  private static final int SERVER = 2;
  private static final int CLIENT = 3;
  private static final int ERROR = 2;
  private static final Set<String> FAILURES =
      Arrays.stream(UpstreamFailure.values())
          .map(UpstreamFailure::label)
          .collect(Collectors.toUnmodifiableSet());

  private Spans() {}

  /** The call's span here and, where it was forwarded, the one upstream. */
  static ArrayNode of(Trace trace, AccessLog.Line line, Instant end) {
    ArrayNode spans = JsonNodeFactory.instance.arrayNode();
    ObjectNode here = span(spans, trace, trace.spanId(), trace.parentId(), SERVER);
    times(here, line.nanos(), end);
    here.put("name", line.route().isEmpty() ? line.method() : line.method() + " " + line.route());
    common(here.putArray("attributes"), line)
        .addAll(
            known(
                Map.of(
                    "tollgate.tenant", line.tenant(),
                    "tollgate.route", line.route(),
                    "tollgate.decision", line.decision(),
                    "tollgate.denial", line.denial(),
                    "tollgate.end", line.end())))
        .add(number("http.request.body.size", line.requestBytes()))
        .add(number("http.response.body.size", line.responseBytes()));
    fail(here, line.status() >= 500 || isCutOff(line));
    if (line.upstreamNanos() >= 0) {
      ObjectNode there = span(spans, trace, trace.upstreamId(), trace.spanId(), CLIENT);
      times(there, line.upstreamNanos(), end);
      there.put("name", line.method());
      common(there.putArray("attributes"), line).add(text("tollgate.upstream", line.upstream()));
      if (line.headNanos() >= 0) {
        there.withArray("attributes").add(number("tollgate.upstream.head.nanos", line.headNanos()));
      }
      fail(there, line.status() >= 400 || isCutOff(line));
    }
    return spans;
  }

  /** What is not known is left out. */
  private static List<ObjectNode> known(Map<String, String> attributes) {
    return new TreeMap<>(attributes)
        .entrySet().stream()
            .filter(attribute -> !attribute.getValue().isEmpty())
            .map(attribute -> text(attribute.getKey(), attribute.getValue()))
            .toList();
  }

  /** Whether its caller got no answer, or not the whole of it. */
  private static boolean isCutOff(AccessLog.Line line) {
    return line.status() == 0 || FAILURES.contains(line.end());
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
