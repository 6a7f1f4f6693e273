package io.tollgate.proxy.forward;

import io.netty.util.AsciiString;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** The present as the field Date says it (RFC 9110, section 5.6.7). Used on one event loop. */
final class DateField {
  private static final DateTimeFormatter FORMAT =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);
  private static final long MILLIS = 1000;

  private final InstantSource clock;
  private long second = Long.MIN_VALUE;
  private AsciiString text = AsciiString.EMPTY_STRING;

  DateField(InstantSource clock) {
    this.clock = clock;
  }

  /** The value, made once a second. */
  AsciiString now() {
    long now = Math.floorDiv(clock.millis(), MILLIS);
    if (now != second) {
      second = now;
      text = new AsciiString(FORMAT.format(Instant.ofEpochSecond(now)));
    }
    return text;
  }
}
