package io.tollgate.controlplane.invoice.run;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.catalog.Charge;
import io.tollgate.controlplane.catalog.Policies;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.subscription.Revision;
import io.tollgate.controlplane.subscription.RevisionKey;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.SubscriptionState;
import io.tollgate.controlplane.subscription.Subscriptions;
import io.tollgate.controlplane.time.Agenda;
import io.tollgate.controlplane.time.TenantClocks;
import io.tollgate.controlplane.time.Work;
import io.tollgate.controlplane.usage.LateUsage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The last periods of subscriptions that ended, and when what is told of them late is billed: every
 * so many hours after the end, as long as something comes.
 */
record LastPeriods(Subscriptions subscriptions, Sources sources, TenantClocks clocks, Agenda agenda)
    implements LateUsage {
  @Override
  public List<Last> lastPeriods(Transaction tx, Collection<String> tenants) {
    Map<String, Revision> ends = subscriptions.ends(tx, tenants);
    if (ends.isEmpty()) {
      return List.of();
    }
    Set<String> left =
        ends.values().stream().map(end -> end.after().tenant()).collect(Collectors.toSet());
    List<Subscription> all = subscriptions.of(tx, left);
    Map<String, Set<String>> running = new HashMap<>();
    for (Subscription of : all) {
      if (of.state() instanceof SubscriptionState.Active
          || of.state() instanceof SubscriptionState.Paused) {
        running
            .computeIfAbsent(of.tenant(), tenant -> new TreeSet<>())
            .addAll(SharedMeters.meters(tx, sources.catalogs(), of, of.current().start()));
      }
    }
    List<Last> last = new ArrayList<>();
    for (Subscription of : all) {
      Revision end = ends.get(of.id());
      if (end != null) {
        last.addAll(last(sources.bills(tx, end), running.getOrDefault(of.tenant(), Set.of())));
      }
    }
    return last;
  }

  /** One for each of the plans that rated it. What is from before all of it goes by the last. */
  private static List<Last> last(Bills end, Set<String> running) {
    List<Last> parts = new ArrayList<>();
    List<Period> earlier = new ArrayList<>();
    Subscription of = end.previous();
    List<Bills.Stretch> stretches = end.stretches();
    for (int i = 0; i < stretches.size(); i++) {
      boolean ends = i == stretches.size() - 1;
      Period period = stretches.get(i).period();
      Set<String> meters = meters(stretches.get(i), of);
      Set<String> open = new TreeSet<>(ends ? meters : Set.of());
      open.removeAll(running);
      parts.add(
          new Last(
              of.tenant(),
              end.revision().id(),
              meters,
              open,
              ends ? SharedMeters.begins(of) : period.start(),
              ends ? earlier : List.of(),
              period.end(),
              ends && end.endsAtOnce()));
      earlier.add(period);
    }
    return parts;
  }

  private static Set<String> meters(Bills.Stretch stretch, Subscription of) {
    return stretch.fees().charges(stretch.period()).stream()
        .filter(charge -> charge.model(of.currency()).isPresent())
        .map(Charge::meter)
        .collect(Collectors.toSet());
  }

  @Override
  public void waits(Transaction tx, Collection<Last> ends) {
    Map<RevisionKey, Revision> steps =
        sources.steps().of(tx, ends.stream().map(last -> key(last.end())).distinct().toList());
    Set<Work> works = new LinkedHashSet<>();
    for (Last last : ends) {
      Bills end = sources.bills(tx, Objects.requireNonNull(steps.get(key(last.end()))));
      Instant until = end.stretches().getLast().period().end();
      Instant now = clocks.now(tx, last.tenant());
      works.add(closing(last.tenant(), last.end(), until, end.after().policies(), now));
    }
    agenda.scheduleAll(tx, List.copyOf(works));
  }

  /** What a voided closing invoice had billed of a last period waits again. */
  void waitsAgain(Transaction tx, String tenant, RevisionKey key) {
    Revision step = Objects.requireNonNull(sources.steps().of(tx, List.of(key)).get(key));
    Bills end = sources.bills(tx, step);
    Instant until = end.stretches().getLast().period().end();
    Instant now = clocks.now(tx, tenant);
    agenda.schedule(tx, closing(tenant, step.id(), until, end.after().policies(), now));
  }

  /**
   * The next closing after an instant. Each has an entry of its own, so that who plants the next
   * one never waits for who does the one before.
   */
  static Work closing(String tenant, String end, Instant until, Policies policies, Instant after) {
    Duration every = Duration.ofHours(policies.closingHours());
    Instant first = until.plus(Duration.ofHours(policies.draftHours()));
    long passed = Math.max(0, Duration.between(first, after).dividedBy(every));
    Instant due = first.plus(every.multipliedBy(passed + 1));
    return new Work(tenant, Billing.CLOSE, end + "@" + due, due);
  }

  /** The step that an entry of the agenda names. */
  static RevisionKey key(String subject) {
    int slash = subject.indexOf('/');
    int at = subject.indexOf('@');
    return new RevisionKey(
        subject.substring(0, slash),
        Long.parseLong(subject.substring(slash + 1, at < 0 ? subject.length() : at)));
  }
}
