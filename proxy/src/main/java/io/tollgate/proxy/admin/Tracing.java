package io.tollgate.proxy.admin;

import io.tollgate.proxy.config.TracingSettings;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Gives calls their place in a trace, and sends the spans of those that are sampled. A call goes on
 * whatever becomes of its spans. Thread-safe.
 */
public final class Tracing implements AutoCloseable {
  private final TracingSettings settings;
  private final InstantSource clock;
  private final LongSupplier random;
  private final SpanExporter exporter;
  private final AtomicInteger seen = new AtomicInteger();

  /**
   * Tracing.
   *
   * @param vertx whose event loop sends the spans
   * @param settings where to
   * @param clock the wall clock
   * @param random where ids come from; thread-safe
   */
  public Tracing(Vertx vertx, TracingSettings settings, InstantSource clock, LongSupplier random) {
    this.settings = settings;
    this.clock = clock;
    this.random = random;
    this.exporter = new SpanExporter(vertx, settings);
  }

  /** A call's place, by the {@code traceparent} it came with; null for none. */
  public Trace enter(@Nullable String traceparent) {
    Trace.Parent parent = Trace.parent(traceparent);
    HexFormat hex = HexFormat.of();
    if (parent == null) {
      boolean sampled = Integer.remainderUnsigned(seen.getAndIncrement(), settings.sample()) == 0;
      return new Trace(id(hex) + id(hex), "", id(hex), id(hex), sampled);
    }
    return new Trace(parent.traceId(), parent.spanId(), id(hex), id(hex), parent.sampled());
  }

  /** Whether the caller's {@code tracestate} belongs to a trace that goes on. */
  public static boolean goesOn(Trace trace) {
    return !trace.parentId().isEmpty();
  }

  private String id(HexFormat hex) {
    long id = random.getAsLong();
    return hex.toHexDigits(id == 0 ? 1 : id); // zero means "none"
  }

  /** The call is over: what there is to tell goes out, if it is sampled. */
  public void ended(Trace trace, AccessLog.Line line) {
    if (trace.sampled()) {
      exporter.add(Spans.of(trace, line, clock.instant()));
    }
  }

  /** Spans sent. */
  public long sent() {
    return exporter.sent();
  }

  /** Spans dropped because the collector was away or too slow. */
  public long dropped() {
    return exporter.dropped();
  }

  /** Sends what is left, within a bound. */
  @Override
  public void close() {
    exporter.close();
  }
}
