package io.tollgate.proxy.admin;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One line of JSON for one call in so many; never a credential, never a query. Thread-safe. */
public final class AccessLog {
  /** The logger's name; what it writes is JSON already. */
  static final String LOGGER = "io.tollgate.access";

  private static final Logger LOG = LoggerFactory.getLogger(LOGGER);

  private final int oneIn;
  private final boolean refused;
  private final InstantSource clock;
  private final AtomicInteger seen = new AtomicInteger();

  /**
   * A log.
   *
   * @param oneIn one call in so many is written; 0 for none
   * @param refused whether every refused call is written besides
   * @param clock the wall clock
   */
  public AccessLog(int oneIn, boolean refused, InstantSource clock) {
    this.clock = clock;
    this.oneIn = oneIn;
    this.refused = refused;
  }

  /**
   * What is said of a call.
   *
   * @param method the method
   * @param path the path without its query
   * @param route the route's name; empty for none
   * @param tenant the tenant; empty where unknown
   * @param status the answer's status; 0 for none
   * @param decision {@code forward}, or the reason of a refusal; empty where none was made
   * @param denial the id by which a refusal can be explained; empty for none
   * @param end how it ended
   * @param upstream the upstream's name; empty where the call did not go there
   * @param nanos from its head to its end
   * @param upstreamNanos from when it went upstream to its end; -1 where it did not
   * @param headNanos from when it went upstream to the answer's head; -1 without one
   * @param requestBytes body bytes from the caller
   * @param responseBytes body bytes from the upstream
   * @param traceId the trace it belongs to; empty where it is not traced
   * @param client the address of the caller's connection, or what a PROXY header says of it
   */
  public record Line(
      String method,
      String path,
      String route,
      String tenant,
      int status,
      String decision,
      String denial,
      String end,
      String upstream,
      long nanos,
      long upstreamNanos,
      long headNanos,
      long requestBytes,
      long responseBytes,
      String traceId,
      String client) {}

  /**
   * Whether this call is one of those written; counts it.
   *
   * @param isRefused whether it was refused
   */
  public boolean isDue(boolean isRefused) {
    boolean sampled = oneIn > 0 && Integer.remainderUnsigned(seen.getAndIncrement(), oneIn) == 0;
    return sampled || (refused && isRefused);
  }

  /** Writes a line. What is empty or unknown is left out. */
  public void write(Line line) {
    LOG.info("{}", json(line, clock.instant()));
  }

  /** One object in the fields of the Elastic Common Schema, and our own. */
  static ObjectNode json(Line line, Instant at) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("@timestamp", at.truncatedTo(ChronoUnit.MILLIS).toString());
    json.put("log.level", "INFO").put("log.logger", LOGGER).put("message", "call");
    json.put("ecs.version", "1.2.0").put("service.name", "tollgate-proxy");
    json.put("http.request.method", line.method()).put("url.path", line.path());
    json.put("http.response.status_code", line.status()).put("event.duration", line.nanos());
    json.put("http.request.body.bytes", line.requestBytes());
    json.put("http.response.body.bytes", line.responseBytes());
    text(json, "client.address", line.client());
    text(json, "tollgate.route", line.route());
    text(json, "tollgate.tenant", line.tenant());
    text(json, "tollgate.decision", line.decision());
    text(json, "tollgate.denial", line.denial());
    text(json, "tollgate.end", line.end());
    text(json, "tollgate.upstream", line.upstream());
    text(json, "trace.id", line.traceId());
    number(json, "tollgate.upstream.duration", line.upstreamNanos());
    number(json, "tollgate.upstream.head", line.headNanos());
    return json;
  }

  private static void text(ObjectNode json, String key, String value) {
    if (!value.isEmpty()) {
      json.put(key, value);
    }
  }

  private static void number(ObjectNode json, String key, long value) {
    if (value >= 0) {
      json.put(key, value);
    }
  }
}
