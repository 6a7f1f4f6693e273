package io.tollgate.controlplane.usage;

import io.tollgate.contract.UsageReceipt;
import io.tollgate.contract.UsageTotal;
import io.tollgate.contract.UsageTotals;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.time.TenantClocks;
import io.tollgate.controlplane.web.JsonFields;
import io.tollgate.controlplane.web.Problem;
import io.tollgate.controlplane.web.Room;
import io.tollgate.controlplane.web.Routes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Units on their way in: monotonic totals from proxies and agents, events from the API. Neither
 * counts twice, whatever is sent again. Thread-safe.
 */
public final class Usage implements Room {
  /** How far into the future an event's instant may lie: clocks differ. */
  public static final Duration AHEAD = Duration.ofMinutes(5);

  private static final int LONGEST_KEY = 128;

  private final TenantClocks clocks;
  private final KnownTenants tenants;
  private final PeriodStarts periods;
  private final List<UsageListener> listeners = new ArrayList<>();
  private KnownMeters meters = (tx, key) -> true;
  private KnownMeters byTransaction = (tx, key) -> false;
  private Duration window = Retention.DEFAULT.totals();
  private Refused tooLate = (tx, message, totals) -> {};
  private LateUsage late = LateUsage.NONE;

  /**
   * The room's service.
   *
   * @param clocks what time it is for whom
   * @param tenants who is a tenant
   * @param periods when billing periods begin
   */
  public Usage(TenantClocks clocks, KnownTenants tenants, PeriodStarts periods) {
    this.clocks = clocks;
    this.tenants = tenants;
    this.periods = periods;
  }

  /**
   * Has events of unknown keys refused: a misspelt one would be usage that nobody ever bills.
   * Totals of proxies and agents are kept whatever their key, as nobody could send them again.
   * While the program is put together only.
   */
  public void refuseUnknown(KnownMeters known) {
    meters = known;
  }

  /**
   * Has each event's units of some meters kept beside their sum. While the program is put together
   * only.
   */
  public void keepTransactions(KnownMeters kept) {
    byTransaction = kept;
  }

  /** Is told of totals that are refused for their age: units that nobody will bill. */
  @FunctionalInterface
  public interface Refused {
    /** Refused, and named in the receipt. */
    void refused(Transaction tx, UsageTotals message, List<UsageTotal> totals);
  }

  /**
   * Says how old a total may be, and who is told of those that are older. While the program is put
   * together only.
   */
  public void takeTotalsFor(Duration age, Refused told) {
    window = age;
    tooLate = told;
  }

  /**
   * Says where units belong that are told after all of their subscription was billed. While the
   * program is put together only.
   */
  public void closeLate(LateUsage asked) {
    late = asked;
  }

  /** Adds a listener. While the program is put together only. */
  public void listen(UsageListener listener) {
    listeners.add(listener);
  }

  /**
   * Keeps the greatest total of each counter and books by how much it rose, atomically. What cannot
   * be kept is named in the receipt: a tenant nobody knows, and an hour so long ago that what was
   * booked of it is forgotten.
   */
  public UsageReceipt keep(Transaction tx, UsageTotals message) {
    List<UsageReceipt.Refusal> refused = new ArrayList<>();
    Map<List<Object>, UsageTotal> greatest = new HashMap<>();
    List<UsageTotal> late = new ArrayList<>();
    Set<String> known = known(tx, message.totals().stream().map(UsageTotal::tenant).toList());
    Instant oldest = oldest(tx);
    for (UsageTotal total : message.totals()) {
      String why = refusal(total, known);
      if (why == null && total.hour().isBefore(oldest)) {
        why = "it comes too late: only hours since " + oldest + " are taken";
        late.add(total);
      }
      if (why != null) {
        refused.add(new UsageReceipt.Refusal(total, why));
      } else {
        greatest.merge(
            List.of(total.tenant(), total.meter(), total.hour()),
            total,
            (a, b) -> a.total() >= b.total() ? a : b);
      }
    }
    if (!greatest.isEmpty()) {
      raise(tx, message, greatest.values());
    }
    if (!late.isEmpty()) {
      tooLate.refused(tx, message, late);
    }
    int accepted = message.totals().size() - refused.size();
    return new UsageReceipt(UsageReceipt.FORMAT, message.sequence(), accepted, refused);
  }

  private Instant oldest(Transaction tx) {
    Instant taken = clocks.wall().instant().minus(window);
    Instant forgotten = UsageStore.forgotten(tx);
    return forgotten.isAfter(taken) ? forgotten : taken;
  }

  private static @Nullable String refusal(UsageTotal total, Set<String> known) {
    if (!known.contains(total.tenant())) {
      return "there is no tenant '" + total.tenant() + "'";
    }
    return total.meter().isBlank() || total.meter().length() > LONGEST_KEY
        ? "a meter's key has 1 to " + LONGEST_KEY + " characters"
        : null;
  }

  private void raise(Transaction tx, UsageTotals message, Collection<UsageTotal> totals) {
    Instant now = clocks.wall().instant();
    long source =
        UsageStore.source(tx, message.source(), message.incarnation(), message.sequence(), now);
    Set<String> named = totals.stream().map(UsageTotal::tenant).collect(Collectors.toSet());
    Surroundings around = Surroundings.of(tx, named, clocks);
    Map<UsageTotal, Surroundings.Used> used = new LinkedHashMap<>();
    for (UsageTotal total : totals) {
      used.put(total, around.used(total));
    }
    around.lookUpPeriods(tx, periods, used.values());
    around.lookUpLast(tx, late, used.values());
    List<UsageStore.Rise> rises = new ArrayList<>();
    Set<LateUsage.Last> ends = new LinkedHashSet<>();
    used.forEach(
        (total, of) -> {
          LateUsage.@Nullable Last last = around.late(of);
          rises.add(
              new UsageStore.Rise(
                  total.tenant(),
                  total.meter(),
                  total.hour(),
                  total.total(),
                  around.row(of),
                  last == null ? null : last.until()));
          if (last != null) {
            ends.add(last);
          }
        });
    UsageStore.raise(tx, source, rises);
    wait(tx, ends);
    listeners.forEach(listener -> listener.booked(tx, named));
  }

  private void wait(Transaction tx, Set<LateUsage.Last> ends) {
    if (!ends.isEmpty()) {
      late.waits(tx, ends);
    }
  }

  /**
   * An event as the API takes it, for {@link #record}.
   *
   * @throws Problem 422 naming the field
   */
  public static UsageEvent read(JsonFields fields) {
    UsageEvent event = UsageRoutes.event(fields);
    fields.close();
    return event;
  }

  /**
   * Records events, all or none. One whose id was recorded before changes nothing and is answered
   * as it was then.
   *
   * @throws Problem 409 if an id was recorded with another content; 422 for an unknown tenant, an
   *     unknown meter or an instant to come
   */
  public List<BookedEvent> record(Transaction tx, List<UsageEvent> events) {
    return record(tx, events, (event, field) -> field);
  }

  /**
   * As {@link #record(Transaction, List)}, of units that are no single transactions, as those that
   * proxies count: where a meter keeps transactions, they are priced by their share alone.
   */
  public List<BookedEvent> recordSums(Transaction tx, List<UsageEvent> sums) {
    return record(tx, sums, (event, field) -> field, false);
  }

  /** Where a field of an event stands in what somebody sent. */
  @FunctionalInterface
  interface Place {
    /**
     * The field's name there.
     *
     * @param event its place in the list
     */
    String of(int event, String field);
  }

  /** As {@link #record(Transaction, List)}, naming what is refused as it was sent. */
  List<BookedEvent> record(Transaction tx, List<UsageEvent> events, Place place) {
    return record(tx, events, place, true);
  }

  private List<BookedEvent> record(
      Transaction tx, List<UsageEvent> events, Place place, boolean transactions) {
    Set<String> named = events.stream().map(UsageEvent::tenant).collect(Collectors.toSet());
    Set<String> known = known(tx, named);
    Set<String> asked = new HashSet<>();
    for (int i = 0; i < events.size(); i++) {
      UsageEvent event = events.get(i);
      if (!known.contains(event.tenant())) {
        throw Problem.invalid(place.of(i, "tenant"), "there is no tenant " + event.tenant());
      }
      if (asked.add(event.meter()) && !meters.counts(tx, event.meter())) {
        throw Problem.invalid(
            place.of(i, "meter"),
            "no catalog has a meter or feature '" + event.meter() + "' that could be counted");
      }
    }
    Surroundings around = Surroundings.of(tx, named, clocks);
    List<Surroundings.Used> used = new ArrayList<>();
    for (int i = 0; i < events.size(); i++) {
      int number = i;
      try {
        used.add(around.used(events.get(i)));
      } catch (Problem refused) {
        throw refused.inside(field -> place.of(number, field));
      }
    }
    around.lookUpPeriods(tx, periods, used);
    around.lookUpLast(tx, late, used);
    List<BookedEvent> booked = new ArrayList<>();
    List<UsageStore.Addition> additions = new ArrayList<>();
    List<LateStore.Late> told = new ArrayList<>();
    Set<LateUsage.Last> ends = new LinkedHashSet<>();
    for (int i = 0; i < events.size(); i++) {
      UsageEvent event = events.get(i);
      LateUsage.@Nullable Last last = around.late(used.get(i));
      Instant row = around.row(used.get(i));
      Instant at = used.get(i).at();
      at = at.isBefore(row) || last != null ? row : at;
      BookedEvent fresh =
          new BookedEvent(event.id(), event.tenant(), event.meter(), event.delta(), at);
      BookedEvent before = claimed(tx, event, fresh, place.of(i, "id"));
      booked.add(before == null ? fresh : before);
      if (before == null) {
        UsageStore.Addition addition =
            new UsageStore.Addition(event.tenant(), event.meter(), row, event.delta());
        additions.add(addition);
        if (last != null) {
          told.add(new LateStore.Late(addition, last.until()));
          ends.add(last);
        }
      }
    }
    if (!additions.isEmpty()) {
      UsageStore.add(tx, additions);
      LateStore.add(tx, told);
      wait(tx, ends);
      List<UsageStore.Addition> kept = transactions ? kept(tx, additions) : List.of();
      if (!kept.isEmpty()) {
        UsageStore.keep(tx, kept);
      }
      listeners.forEach(listener -> listener.booked(tx, named));
    }
    return booked;
  }

  /** Refuses a tenant that is not there. */
  void mustKnow(Transaction tx, String tenant) {
    if (tenants.among(tx, List.of(tenant)).isEmpty()) {
      throw Problem.notFound("tenant", tenant);
    }
  }

  private List<UsageStore.Addition> kept(Transaction tx, List<UsageStore.Addition> additions) {
    Map<String, Boolean> known = new HashMap<>();
    return additions.stream()
        .filter(
            addition ->
                known.computeIfAbsent(addition.meter(), meter -> byTransaction.counts(tx, meter)))
        .toList();
  }

  /** Claims the event's id; what was booked under it before, or null if it is new. */
  private @Nullable BookedEvent claimed(
      Transaction tx, UsageEvent event, BookedEvent fresh, String place) {
    String id = event.id();
    if (id == null || UsageStore.claim(tx, event, fresh, clocks.wall().instant())) {
      return null;
    }
    UsageStore.Recorded recorded =
        UsageStore.event(tx, event.tenant(), id)
            .orElseThrow(() -> new IllegalStateException("claimed and not there: " + id));
    if (!recorded.event().equals(event)) {
      String detail =
          "the event '" + id + "' was recorded with another content; give it an id of its own";
      throw Problem.conflict(place + ": " + detail)
          .with("errors", List.of(Map.of("field", place, "detail", detail)))
          .with("event", recorded.booked());
    }
    return recorded.booked();
  }

  private Set<String> known(Transaction tx, Collection<String> named) {
    Set<String> distinct = new TreeSet<>(named);
    Set<String> known = tenants.among(tx, distinct);
    // Before anything is read that billing may change.
    UsageStore.lockForBooking(tx, known);
    return known;
  }

  @Override
  public void mount(Routes routes) {
    new UsageRoutes(this, clocks).mount(routes);
  }
}
