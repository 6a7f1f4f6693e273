package io.tollgate.proxy.meter;

import io.netty.buffer.ByteBuf;
import io.tollgate.proxy.forward.BodyWatch;
import io.tollgate.proxy.limit.Ticket;
import io.tollgate.proxy.route.RouteMeter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Follows one exchange whose cost is known only while it runs or when it is over. What is counted
 * is always the difference to what was counted before, so that a stream is metered as it goes, in
 * the hours in which it runs. Used on the exchange's event loop.
 */
public final class Metering implements BodyWatch {
  private final Readings readings;
  private final long[] recorded;
  private final boolean grpc;
  private @Nullable MessageCounter sent;
  private @Nullable MessageCounter received;
  private boolean events;

  Metering(Readings readings, @Nullable String contentType) {
    GrpcFraming framing = GrpcFraming.of(contentType);
    this.readings = readings;
    this.recorded = new long[readings.late().length];
    this.grpc = framing != GrpcFraming.NONE;
    this.sent = framing.counter();
  }

  /** The answer's head is there: it says what kind of stream follows. */
  public void onAnswer(Exchange exchange) {
    String protocol = exchange.protocol();
    if (!protocol.isEmpty()) {
      if (protocol.strip().equalsIgnoreCase("websocket")) {
        sent = new WebSocketCounter();
        received = new WebSocketCounter();
      }
      return;
    }
    String type = exchange.responseField("content-type");
    if (grpc) {
      received = GrpcFraming.of(type).counter();
    } else if (type != null
        && type.strip().toLowerCase(Locale.ROOT).startsWith("text/event-stream")) {
      received = new EventCounter();
      events = true;
    }
  }

  @Override
  public void onRequestBytes(ByteBuf bytes) {
    if (sent != null) {
      sent.pass(bytes);
    }
  }

  @Override
  public void onResponseBytes(ByteBuf bytes) {
    if (received != null) {
      received.pass(bytes);
    }
  }

  /** Counts what was used since the last time, and takes it from the limits. */
  public void onRunning(String tenant, Exchange exchange, Tally tally, @Nullable Ticket ticket) {
    settle(exchange, ticket);
    if (!readings.billsByTrailer() && readings.bill(exchange)) {
      record(tenant, exchange, tally);
    }
  }

  /** Whether the exchange ends when a limit on the meter is spent. */
  public boolean isCutOffBy(String meter) {
    if (readings.cutsOff()) {
      for (RouteMeter late : readings.late()) {
        if (late.meter().equals(meter)) {
          return true;
        }
      }
    }
    return false;
  }

  /** Counts the rest of an exchange that is over and billed, its call included. */
  public void onOver(String tenant, Exchange exchange, Tally tally, @Nullable Ticket ticket) {
    settle(exchange, ticket);
    record(tenant, exchange, tally);
    readings.record(tenant, tally);
  }

  /** Whether a frame of our own can go to the caller now. */
  public boolean mayInterject() {
    return received != null && received.isBetweenFrames();
  }

  private void settle(Exchange exchange, @Nullable Ticket ticket) {
    if (ticket != null) {
      for (RouteMeter meter : readings.late()) {
        var unused = ticket.settle(meter.meter(), meter.units(measured(meter, exchange)));
      }
    }
  }

  private void record(String tenant, Exchange exchange, Tally tally) {
    RouteMeter[] late = readings.late();
    for (int i = 0; i < late.length; i++) {
      long units = late[i].units(measured(late[i], exchange));
      if (units > recorded[i]) {
        tally.add(tenant, late[i].meter(), units - recorded[i]);
        recorded[i] = units;
      }
    }
  }

  private long measured(RouteMeter meter, Exchange exchange) {
    return switch (meter.of()) {
      case CALLS -> 1;
      case REQUEST_BYTES -> exchange.requestBytes();
      case RESPONSE_BYTES -> exchange.responseBytes();
      case DURATION -> exchange.elapsedMillis();
      case RESPONSE_FIELD -> number(exchange.responseField(meter.field()));
      case MESSAGES_SENT -> count(sent);
      case MESSAGES_RECEIVED -> events ? 0 : count(received);
      case MESSAGES -> count(sent) + (events ? 0 : count(received));
      case EVENTS -> events ? count(received) : 0;
    };
  }

  private static long count(@Nullable MessageCounter counter) {
    return counter == null ? 0 : counter.count();
  }

  /** A whole number of at most 15 digits; anything else says nothing. */
  private static long number(@Nullable String text) {
    if (text == null) {
      return 0;
    }
    String digits = text.strip();
    if (digits.isEmpty() || digits.length() > 15) {
      return 0;
    }
    long number = 0;
    for (int i = 0; i < digits.length(); i++) {
      int digit = digits.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return 0;
      }
      number = number * 10 + digit;
    }
    return number;
  }
}
