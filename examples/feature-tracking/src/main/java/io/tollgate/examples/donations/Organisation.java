package io.tollgate.examples.donations;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** One organisation's causes, donations and events. Safe for use by any thread. */
final class Organisation {
  /** The oldest are forgotten beyond this; the example is no archive. */
  private static final int MOST_KEPT = 10_000;

  private final String name;
  private final Map<String, Cause> causes = new LinkedHashMap<>();
  private final Deque<Donation> donations = new ArrayDeque<>();
  private final Deque<Event> events = new ArrayDeque<>();
  private final Receipts receipts = new Receipts();
  private final Messages messages = new Messages();
  private long lastNumber;

  Organisation(String name) {
    this.name = name;
    addCause("goshala", "Shelter for old cows");
    addCause("fodder", "Fodder for the dry months");
    addCause("medicine", "Veterinary care");
  }

  String name() {
    return name;
  }

  synchronized Cause addCause(String key, String title) {
    Cause cause = new Cause(key, title);
    causes.put(key, cause);
    return cause;
  }

  synchronized List<Cause> causes() {
    return List.copyOf(causes.values());
  }

  /** Takes a donation and thanks the donor by a short message. Empty if there is no such cause. */
  Optional<Donation> donate(String cause, String donor, BigDecimal amount, Instant now) {
    Donation donation;
    synchronized (this) {
      if (!causes.containsKey(cause)) {
        return Optional.empty();
      }
      donation = new Donation(++lastNumber, cause, donor, amount, now);
      keep(donations, donation);
    }
    messages.send(donor, "Thank you for " + amount.toPlainString() + " INR");
    return Optional.of(donation);
  }

  synchronized List<Donation> donations() {
    return List.copyOf(donations);
  }

  synchronized Optional<Donation> donation(long number) {
    return donations.stream().filter(donation -> donation.number() == number).findFirst();
  }

  /** The receipt for a donation, as a PDF document. */
  byte[] receipt(Donation donation) {
    return receipts.issue(name, donation);
  }

  synchronized Event addEvent(String title, Instant now) {
    Event event = new Event(++lastNumber, title, now);
    keep(events, event);
    return event;
  }

  /** What each donor gave in all: the heavy call of this API. */
  synchronized Map<String, BigDecimal> totalsByDonor() {
    Map<String, BigDecimal> totals = new TreeMap<>();
    for (Donation donation : donations) {
      totals.merge(donation.donor(), donation.amount(), BigDecimal::add);
    }
    return totals;
  }

  private static <T> void keep(Deque<T> some, T one) {
    some.addLast(one);
    if (some.size() > MOST_KEPT) {
      some.removeFirst();
    }
  }

  /** What people give for. */
  record Cause(String key, String title) {}

  /** A donation of an amount in rupees. */
  record Donation(long number, String cause, String donor, BigDecimal amount, Instant given) {}

  /** An event the organisation invites to. */
  record Event(long number, String title, Instant created) {}
}
