package io.tollgate.proxy.meter;

import io.tollgate.proxy.route.Billing;
import io.tollgate.proxy.route.RouteMeter;
import io.tollgate.proxy.route.RouteMeter.Of;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an exchange on one route counts for: made once per route, asked at the end of each exchange.
 * Immutable and thread-safe.
 */
public final class Readings {
  private static final int STATUSES = 600;
  private static final String GRPC_STATUS = "grpc-status";

  private final String[] meters;
  private final long[] weights;
  private final RouteMeter[] late;
  private final boolean @Nullable [] billed;
  private final Set<Integer> grpcBilled;
  private final boolean watches;
  private final boolean events;
  private final boolean cutsOff;

  private Readings(List<RouteMeter> calls, List<RouteMeter> late, Billing billing) {
    this.meters = calls.stream().map(RouteMeter::meter).toArray(String[]::new);
    this.weights = calls.stream().mapToLong(RouteMeter::weight).toArray();
    this.late = late.toArray(RouteMeter[]::new);
    this.billed = billed(billing.statuses());
    this.grpcBilled = billing.grpcStatuses();
    this.watches = late.stream().anyMatch(meter -> watches(meter.of()));
    this.events = late.stream().anyMatch(meter -> meter.of() == Of.EVENTS);
    this.cutsOff = billing.cutsOff();
  }

  /**
   * The readings of a route.
   *
   * @param meters the route's meters; those of weight 0 are left out
   * @param billing which answers are billed
   */
  public static Readings of(List<RouteMeter> meters, Billing billing) {
    List<RouteMeter> counted = meters.stream().filter(each -> each.weight() > 0).toList();
    return new Readings(
        counted.stream().filter(meter -> meter.of() == Of.CALLS).toList(),
        counted.stream().filter(meter -> meter.of() != Of.CALLS).toList(),
        billing);
  }

  /** Whether nothing is read but the call itself: then there is no {@link Metering} to begin. */
  public boolean areOfCallsOnly() {
    return late.length == 0;
  }

  /** Whether the bytes of bodies have to be looked at. */
  public boolean watchBodies() {
    return watches;
  }

  /** Whether events are read, which a compressed answer would hide. */
  public boolean readEvents() {
    return events;
  }

  /**
   * Follows one exchange.
   *
   * @param contentType of its request, which tells how gRPC messages are framed; null for none
   */
  public Metering begin(@Nullable String contentType) {
    return new Metering(this, contentType);
  }

  /** Whether the answer, as far as it is there, is one that is billed. */
  public boolean bill(Exchange exchange) {
    int status = exchange.status();
    if (!exchange.answered()) {
      return false;
    }
    if (billed != null && (status < 0 || status >= STATUSES || !billed[status])) {
      return false;
    }
    String grpc = grpcBilled.isEmpty() ? null : exchange.responseField(GRPC_STATUS);
    return grpc == null || grpcBilled.contains(number(grpc));
  }

  /**
   * Counts the calls of an exchange that is over and billed. Does not allocate.
   *
   * @param tenant whose it is
   */
  public void record(String tenant, Tally tally) {
    for (int i = 0; i < meters.length; i++) {
      tally.add(tenant, meters[i], weights[i]);
    }
  }

  /** The counters of a tenant that its calls count in: for {@link #record(Tally.OfMeter[])}. */
  public Tally.OfMeter[] counters(String tenant, Tally tally) {
    Tally.OfMeter[] counters = new Tally.OfMeter[meters.length];
    for (int i = 0; i < meters.length; i++) {
      counters[i] = tally.counter(tenant, meters[i]);
    }
    return counters;
  }

  /** Counts the calls of an exchange that is over and billed, in these counters of its tenant. */
  public void record(Tally.OfMeter[] counters) {
    for (int i = 0; i < meters.length; i++) {
      counters[i].add(weights[i]);
    }
  }

  boolean cutsOff() {
    return cutsOff;
  }

  /** Whether what is billed can be told only at the end. */
  boolean billsByTrailer() {
    return !grpcBilled.isEmpty();
  }

  RouteMeter[] late() {
    return late;
  }

  private static int number(String text) {
    try {
      return Integer.parseInt(text.strip());
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  private static boolean watches(Of of) {
    return switch (of) {
      case MESSAGES_SENT, MESSAGES_RECEIVED, MESSAGES, EVENTS -> true;
      case CALLS, REQUEST_BYTES, RESPONSE_BYTES, DURATION, RESPONSE_FIELD -> false;
    };
  }

  private static boolean @Nullable [] billed(Set<Integer> statuses) {
    if (statuses.isEmpty()) {
      return null;
    }
    boolean[] billed = new boolean[STATUSES];
    statuses.forEach(status -> billed[status] = true);
    return billed;
  }
}
