package io.tollgate.proxy;

import io.netty.util.AsciiString;
import io.tollgate.proxy.admin.AccessLog;
import io.tollgate.proxy.admin.Trace;
import io.tollgate.proxy.admin.Tracing;
import io.tollgate.proxy.forward.Forwarding;
import io.tollgate.proxy.forward.RequestCheck;
import io.tollgate.proxy.tenant.Identity;
import org.jspecify.annotations.Nullable;

/**
 * What is told of calls: lines of the access log and spans. A call that is in neither costs
 * nothing. Thread-safe.
 *
 * @param check what a call says of itself
 * @param log the access log
 * @param tracing null where calls are not traced
 */
record CallReport(RequestCheck check, AccessLog log, @Nullable Tracing tracing) {
  private static final CharSequence TRACEPARENT = AsciiString.cached("traceparent");
  private static final CharSequence TRACESTATE = AsciiString.cached("tracestate");

  /** Before the call goes upstream: its place in a trace goes with it. */
  void forwarding(Passage passage, Forwarding forwarding) {
    if (tracing == null) {
      return; // the caller's own fields pass as they are
    }
    Trace trace = tracing.enter(passage.request().headers().get(TRACEPARENT));
    passage.trace = trace;
    forwarding.set(TRACEPARENT, trace.traceparent());
    if (!Tracing.goesOn(trace)) {
      forwarding.remove(TRACESTATE); // of a trace that could not be read
    }
  }

  /** The call is over. */
  void ended(Passage passage, int status, String how, long nanos) {
    boolean refused = passage.forwarding == null;
    boolean due = log.isDue(refused);
    Trace trace = tracing == null ? null : trace(passage, tracing);
    if (!due && (trace == null || !trace.sampled())) {
      return;
    }
    AccessLog.Line line = line(passage, status, how, nanos, trace);
    if (due) {
      log.write(line);
    }
    if (trace != null && tracing != null) {
      tracing.ended(trace, line);
    }
  }

  private static Trace trace(Passage passage, Tracing tracing) {
    Trace known = passage.trace;
    return known == null ? tracing.enter(passage.request().headers().get(TRACEPARENT)) : known;
  }

  private AccessLog.Line line(
      Passage passage, int status, String how, long nanos, @Nullable Trace trace) {
    Identity.Known known = passage.caller;
    Forwarding forwarding = passage.forwarding;
    return new AccessLog.Line(
        passage.request().method().name(),
        check.path(passage.request()),
        passage.isRouted() ? passage.plan().route().name() : "",
        known == null ? "" : known.tenant(),
        status,
        forwarding == null ? passage.refusal : "forward",
        passage.denial,
        how,
        forwarding == null ? "" : forwarding.upstreamName(),
        nanos,
        forwarding == null ? -1 : forwarding.upstreamNanos(),
        forwarding == null ? -1 : forwarding.headNanos(),
        passage.requestBytes(),
        passage.responseBytes(),
        trace == null ? "" : trace.traceId(),
        passage.callerAddress());
  }
}
