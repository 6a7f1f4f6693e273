package io.tollgate.proxy.config.yaml;

import io.tollgate.proxy.route.Billing;
import io.tollgate.proxy.route.RouteMeter;
import io.tollgate.proxy.route.RouteMeter.Of;
import io.tollgate.yaml.YamlMap;
import io.tollgate.yaml.YamlValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The keys below {@code meters} and {@code billed} of a route. */
final class MeterKeys {
  private static final Pattern STATUSES =
      Pattern.compile("([1-5])xx|([1-5]\\d\\d)(?:-([1-5]\\d\\d))?|grpc-(\\d|1[0-6])");

  private MeterKeys() {}

  static List<RouteMeter> meters(YamlMap map) {
    List<RouteMeter> meters = new ArrayList<>();
    for (String meter : map.keys()) {
      YamlValue value = map.value(ProxyFile.name(map, meter));
      meters.add(
          value.isMap()
              ? meter(meter, value.map())
              : RouteMeter.calls(meter, value.whole(0, RouteMeter.MOST_WEIGHT)));
    }
    return meters;
  }

  private static RouteMeter meter(String meter, YamlMap map) {
    Of of = map.find("of").map(value -> value.oneOf(Of.class)).orElse(Of.CALLS);
    long weight =
        map.find("weight").map(value -> value.whole(0, RouteMeter.MOST_WEIGHT)).orElse(1L);
    RouteMeter read =
        new RouteMeter(
            meter,
            of,
            of == Of.RESPONSE_FIELD
                ? map.value("field").text(IdentityKeys.FIELD, "a header field's name")
                : "",
            of == Of.CALLS ? 1 : map.find("per").map(value -> per(value, of)).orElse(1L),
            weight,
            of == Of.CALLS
                ? weight
                : map.find("estimate")
                    .map(value -> value.whole(1, RouteMeter.MOST_WEIGHT))
                    .orElse(1L));
    map.close();
    return read;
  }

  /** A size for bytes, a duration for time, a number for everything else. */
  private static long per(YamlValue value, Of of) {
    return switch (of) {
      case REQUEST_BYTES, RESPONSE_BYTES -> {
        long bytes = value.bytes();
        if (bytes < 1 || bytes > RouteMeter.MOST_PER) {
          throw value.mistake("a size from 1B to 1024GiB is expected");
        }
        yield bytes;
      }
      case DURATION -> value.duration(Duration.ofMillis(1), Duration.ofDays(1)).toMillis();
      case CALLS, RESPONSE_FIELD, MESSAGES_SENT, MESSAGES_RECEIVED, MESSAGES, EVENTS ->
          value.whole(1, RouteMeter.MOST_PER);
    };
  }

  static Billing billing(YamlMap route) {
    Set<Integer> statuses = new HashSet<>();
    Set<Integer> grpcStatuses = new HashSet<>();
    List<YamlValue> billed = route.find("billed").map(ProxyFile::some).orElse(List.of());
    for (YamlValue value : billed) {
      Matcher read = STATUSES.matcher(value.word());
      if (!read.matches()) {
        throw value.mistake(
            "a status such as 200, 2xx, 200-299 or grpc-0 is expected, not '" + value.word() + "'");
      }
      if (read.group(4) != null) {
        grpcStatuses.add(Integer.parseInt(read.group(4)));
      } else {
        range(read, statuses, value);
      }
    }
    boolean cutsOff =
        route.find("when-spent").map(value -> value.oneOf(WhenSpent.class)).orElse(WhenSpent.FINISH)
            == WhenSpent.CUT_OFF;
    return new Billing(statuses, grpcStatuses, cutsOff);
  }

  private static void range(Matcher read, Set<Integer> statuses, YamlValue value) {
    int from = Integer.parseInt(read.group(1) == null ? read.group(2) : read.group(1) + "00");
    int to = read.group(1) == null ? from : from + 99;
    if (read.group(3) != null) {
      to = Integer.parseInt(read.group(3));
    }
    if (to < from) {
      throw value.mistake("'" + value.word() + "' is no range: it ends before it begins");
    }
    for (int status = from; status <= to; status++) {
      statuses.add(status);
    }
  }

  private enum WhenSpent {
    FINISH,
    CUT_OFF
  }
}
