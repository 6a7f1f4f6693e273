package io.tollgate.proxy.admin;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import io.prometheus.client.Histogram;
import io.prometheus.client.hotspot.DefaultExports;
import io.tollgate.proxy.caller.Defended;
import io.tollgate.proxy.decision.Reason;
import io.tollgate.proxy.forward.ForwardMetrics;
import io.tollgate.proxy.limit.Outcome;
import io.tollgate.proxy.limit.Verdict;
import io.tollgate.proxy.upstream.UpstreamFailure;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.stream.Collectors;

/** Everything the proxy counts, for Prometheus. Thread-safe. */
public final class ProxyMetrics implements ForwardMetrics {
  private static final double[] SECONDS = {
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30
  };

  private static final Map<Reason, String> LABELS =
      Arrays.stream(Reason.values())
          .collect(
              Collectors.toUnmodifiableMap(
                  reason -> reason, reason -> reason.name().toLowerCase(Locale.ROOT)));

  private final CollectorRegistry registry;
  private final Counter requests;
  private final Histogram seconds;
  private final Counter refusals;
  private final Counter malformed;
  private final Counter failures;
  private final Counter retries;
  private final Counter retriesRefused;
  private final Counter ejections;
  private final Counter turnedAway;
  private final Counter defended;
  private final Counter over;
  private final Map<Reason, Counter.Child> refusalsByReason = new EnumMap<>(Reason.class);

  /** Metrics in a registry of their own. */
  public ProxyMetrics() {
    registry = new CollectorRegistry();
    DefaultExports.register(registry);
    requests = counter("tollgate_requests_total", "Calls by route and answer", "route", "status");
    seconds =
        Histogram.build("tollgate_request_seconds", "From a call's head to its end, by route")
            .labelNames("route")
            .buckets(SECONDS)
            .register(registry);
    refusals = counter("tollgate_refusals_total", "Calls refused, by reason", "reason");
    over =
        counter(
            "tollgate_over_limit_total",
            "Calls admitted beyond a limit: warned, billed, or refused but for its shadow mode",
            "limit",
            "outcome");
    malformed = counter("tollgate_malformed_total", "Requests that were not valid HTTP");
    failures =
        counter(
            "tollgate_upstream_failures_total",
            "Calls without a whole answer, by upstream and cause",
            "upstream",
            "cause");
    retries = counter("tollgate_upstream_retries_total", "Calls tried again", "upstream");
    retriesRefused =
        counter(
            "tollgate_upstream_retries_refused_total",
            "Calls not tried again for want of budget",
            "upstream");
    ejections = counter("tollgate_upstream_ejections_total", "Addresses ejected", "upstream");
    turnedAway =
        counter("tollgate_connections_turned_away_total", "Connections that were one too many");
    defended = counter("tollgate_defence_total", "Callers that were stopped, by what", "what");
    for (Reason reason : Reason.values()) {
      refusalsByReason.put(reason, refusals.labels(label(reason)));
    }
  }

  /** The registry behind /metrics. */
  public CollectorRegistry registry() {
    return registry;
  }

  /** Shows a value that is read at each scrape. */
  public void gauge(String name, String help, DoubleSupplier value) {
    Gauge gauge = Gauge.build(name, help).create();
    gauge.setChild(
        new Gauge.Child() {
          @Override
          public double get() {
            return value.getAsDouble();
          }
        });
    gauge.register(registry);
  }

  /** What is counted for one route, looked up once. */
  public RouteMetrics route(String name) {
    Counter.Child[] byClass = new Counter.Child[6];
    for (int i = 1; i < byClass.length; i++) {
      byClass[i] = requests.labels(name, i + "xx");
    }
    byClass[0] = requests.labels(name, "none");
    return new RouteMetrics(byClass, seconds.labels(name));
  }

  /** Calls that have ended. Adds them up: not for every call. */
  public long calls() {
    return requests.collect().stream()
        .flatMap(family -> family.samples.stream())
        .filter(sample -> sample.name.equals("tollgate_requests_total"))
        .mapToLong(sample -> (long) sample.value)
        .sum();
  }

  /** A reason as metrics and logs name it. */
  public static String label(Reason reason) {
    return LABELS.getOrDefault(reason, "");
  }

  /** A call was refused. */
  public void refused(Reason reason) {
    Counter.Child counted = refusalsByReason.get(reason);
    if (counted != null) {
      counted.inc();
    }
  }

  /** A call was admitted beyond limits: each is counted by what it said. */
  public void over(Verdict verdict) {
    for (int i = 0; i < verdict.size(); i++) {
      Outcome outcome = verdict.outcome(i);
      if (outcome == Outcome.WARNED || outcome == Outcome.SHADOW_DENIED) {
        String admitted = verdict.billed(i) ? "billed" : "warned";
        over.labels(verdict.name(i), outcome == Outcome.WARNED ? admitted : "shadow").inc();
      }
    }
  }

  /** A request was not valid HTTP. */
  public void malformed() {
    malformed.inc();
  }

  @Override
  public void failed(String upstream, UpstreamFailure failure) {
    failures.labels(upstream, failure.label()).inc();
  }

  @Override
  public void retried(String upstream) {
    retries.labels(upstream).inc();
  }

  @Override
  public void retryRefused(String upstream) {
    retriesRefused.labels(upstream).inc();
  }

  @Override
  public void ejected(String upstream) {
    ejections.labels(upstream).inc();
  }

  @Override
  public void defended(Defended what) {
    defended.labels(what.label()).inc();
  }

  @Override
  public void turnedAway() {
    turnedAway.inc();
  }

  private Counter counter(String name, String help, String... labels) {
    return Counter.build(name, help).labelNames(labels).register(registry);
  }
}
