package io.tollgate.controlplane.usage;

import io.tollgate.contract.Period;
import io.tollgate.contract.UsageTotals;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.time.TenantClocks;
import io.tollgate.controlplane.web.Call;
import io.tollgate.controlplane.web.JsonFields;
import io.tollgate.controlplane.web.Problem;
import io.tollgate.controlplane.web.Reply;
import io.tollgate.controlplane.web.Role;
import io.tollgate.controlplane.web.Routes;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What can be called of this room. */
final class UsageRoutes {
  private static final String PATH = "/api/billing/usage";
  private static final int MOST_EVENTS = 1_000;
  private static final Duration LONGEST_REPORT = Duration.ofDays(400);

  /** Document 001's names are understood too. */
  private static final List<String> TENANT = List.of("tenantId", "tenant");

  private static final List<String> METER = List.of("entitlementKey", "key", "meter");

  private static final Set<String> GROUPS = Set.of("hour", "day", "month");

  private final Usage usage;
  private final TenantClocks clocks;

  UsageRoutes(Usage usage, TenantClocks clocks) {
    this.usage = usage;
    this.clocks = clocks;
  }

  void mount(Routes routes) {
    routes.post("/api/proxy/usage", Role.PROXIES, this::totals);
    routes.post(PATH, Role.STAFF, this::events);
    routes.get(PATH, Role.READERS, this::report).query("tenant", "from", "to", "group", "zone");
  }

  private Reply totals(Call call, Transaction tx) {
    UsageTotals totals = call.body(UsageTotals.class);
    if (totals.format() != UsageTotals.FORMAT) {
      throw Problem.invalid("format", totals.format() + " is not known here");
    }
    return Reply.ok(usage.keep(tx, totals));
  }

  private Reply events(Call call, Transaction tx) {
    JsonFields fields = call.fields();
    if (!fields.has("events")) {
      UsageEvent event = event(fields);
      fields.close();
      return Reply.ok(
          usage.record(tx, List.of(event), (first, field) -> written(fields, field)).getFirst());
    }
    List<UsageEvent> events = new ArrayList<>();
    List<JsonFields> given = fields.objects("events");
    for (JsonFields each : given) {
      events.add(event(each));
      each.close();
    }
    fields.close();
    if (events.isEmpty() || events.size() > MOST_EVENTS) {
      throw Problem.invalid("events", "1 to " + MOST_EVENTS + " events are taken at once");
    }
    return Reply.ok(
        Map.of(
            "events",
            usage.record(
                tx,
                events,
                (event, field) -> "events[" + event + "]." + written(given.get(event), field))));
  }

  /** Document 001's names are understood too: tenantId, entitlementKey. */
  static UsageEvent event(JsonFields fields) {
    String tenant = either(fields, TENANT).orElseThrow(() -> missing(fields, "tenant"));
    String meter = either(fields, METER).orElseThrow(() -> missing(fields, "meter"));
    long delta = fields.whole("delta", -UsageEvent.MOST, UsageEvent.MOST);
    return new UsageEvent(
        tenant,
        meter,
        delta,
        fields.findName("id").orElse(null),
        fields.findInstant("at").orElse(null));
  }

  /** The name under which the caller wrote a field. */
  private static String written(JsonFields fields, String field) {
    List<String> names =
        switch (field) {
          case "tenant" -> TENANT;
          case "meter" -> METER;
          default -> List.of(field);
        };
    return names.stream().filter(fields::has).findFirst().orElse(field);
  }

  private static Optional<String> either(JsonFields fields, List<String> names) {
    Optional<String> found = Optional.empty();
    for (String name : names) {
      Optional<String> value = fields.findText(name);
      if (value.isPresent() && found.isPresent() && !found.equals(value)) {
        throw fields.wrong(name, "two names of the same field have different values");
      }
      found = value.isPresent() ? value : found;
    }
    return found;
  }

  private static Problem missing(JsonFields fields, String name) {
    return fields.wrong(name, "this field is missing");
  }

  private Reply report(Call call, Transaction tx) {
    String tenant = call.tenant();
    usage.mustKnow(tx, tenant);
    Instant now = clocks.now(tx, tenant);
    // Up to now, and what was recorded at this very instant: on a test clock that stands, all of
    // it.
    Instant to =
        call.query("to").map(text -> instant("to", text)).orElseGet(() -> Booking.after(now));
    Instant from =
        call.query("from")
            .map(text -> instant("from", text))
            .orElseGet(() -> to.minus(Duration.ofDays(30)));
    if (!from.isBefore(to) || Duration.between(from, to).compareTo(LONGEST_REPORT) > 0) {
      throw Problem.invalid("from", "before 'to', and at most 400 days before it");
    }
    String group = call.query("group").orElse("day");
    if (!GROUPS.contains(group)) {
      throw Problem.invalid("group", "hour, day or month");
    }
    ZoneId zone = call.query("zone").map(UsageRoutes::zone).orElse(ZoneId.of("UTC"));
    Period period = new Period(from, to);
    return Reply.ok(report(tx, tenant, period, group, zone));
  }

  private static Map<String, Object> report(
      Transaction tx, String tenant, Period period, String group, ZoneId zone) {
    Map<String, Long> totals = new LinkedHashMap<>();
    Map<Instant, Map<String, Long>> breakdown = new LinkedHashMap<>();
    for (UsageStore.Line line : UsageStore.report(tx, tenant, period, group, zone.getId())) {
      totals.merge(line.meter(), line.units(), Long::sum);
      breakdown
          .computeIfAbsent(line.from(), from -> new LinkedHashMap<>())
          .put(line.meter(), line.units());
    }
    List<Map<String, Object>> rows = new ArrayList<>();
    breakdown.forEach((from, meters) -> rows.add(Map.of("from", from, "usage", meters)));
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("tenant", tenant);
    report.put("from", period.start());
    report.put("to", period.end());
    report.put("group", group);
    report.put("usage", totals);
    report.put("breakdown", rows);
    return report;
  }

  private static Instant instant(String field, String text) {
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      throw Problem.invalid(field, "an instant such as 2026-01-31T18:30:00Z is expected");
    }
  }

  private static ZoneId zone(String text) {
    try {
      return ZoneId.of(text);
    } catch (DateTimeException e) {
      throw Problem.invalid("zone", "a time zone such as Asia/Kolkata is expected");
    }
  }
}
