package io.tollgate.proxy.admin;

import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One line of JSON for one call in so many; never a credential, never a query. Thread-safe. */
public final class AccessLog {
  private static final Logger LOG = LoggerFactory.getLogger("io.tollgate.access");

  private final int oneIn;
  private final AtomicInteger seen = new AtomicInteger();

  /**
   * A log.
   *
   * @param oneIn one call in so many is written; 0 for none
   */
  public AccessLog(int oneIn) {
    this.oneIn = oneIn;
  }

  /**
   * What is said of a call.
   *
   * @param method the method
   * @param path the path without its query
   * @param route the route's name; empty for none
   * @param tenant the tenant; empty where unknown
   * @param status the answer's status; 0 for none
   * @param end how it ended
   * @param nanos from its head to its end
   * @param requestBytes body bytes from the caller
   * @param responseBytes body bytes from the upstream
   * @param denial the id of its refusal; empty where it was not refused
   */
  public record Line(
      String method,
      String path,
      String route,
      String tenant,
      int status,
      String end,
      long nanos,
      long requestBytes,
      long responseBytes,
      String denial) {}

  /** Whether this call is one of those written; counts it. */
  public boolean isDue() {
    return oneIn > 0 && Integer.remainderUnsigned(seen.getAndIncrement(), oneIn) == 0;
  }

  /** Writes a line. */
  public void write(Line line) {
    LOG.atInfo()
        .addKeyValue("http.request.method", line.method())
        .addKeyValue("url.path", line.path())
        .addKeyValue("http.response.status_code", line.status())
        .addKeyValue("event.duration", line.nanos())
        .addKeyValue("http.request.body.bytes", line.requestBytes())
        .addKeyValue("http.response.body.bytes", line.responseBytes())
        .addKeyValue("tollgate.route", line.route())
        .addKeyValue("tollgate.tenant", line.tenant())
        .addKeyValue("tollgate.end", line.end())
        .addKeyValue("tollgate.denial", line.denial())
        .log("call");
  }
}
