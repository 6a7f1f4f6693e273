package io.tollgate.controlplane.subscription;

import io.tollgate.controlplane.database.Alone;
import io.tollgate.controlplane.database.Transaction;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * The subscriptions that a transaction has read or saved, where nobody else changes them. Elsewhere
 * each question is asked. Thread-safe.
 */
final class KnownSubscriptions {
  private final Map<String, Subscription> byId = new HashMap<>();

  /** Those all of whose subscriptions are known. */
  private final Set<String> tenants = new HashSet<>();

  private KnownSubscriptions() {}

  private static KnownSubscriptions to(Transaction tx) {
    return tx.memory(KnownSubscriptions.class, KnownSubscriptions::new);
  }

  static Optional<Subscription> find(
      Transaction tx, String id, Supplier<Optional<Subscription>> ask) {
    return Alone.is(tx)
        ? to(tx).among(Set.of(id), () -> ask.get().stream().toList()).stream().findFirst()
        : ask.get();
  }

  /** Those that are there, by id. */
  static List<Subscription> among(
      Transaction tx, Collection<String> ids, Supplier<List<Subscription>> ask) {
    return Alone.is(tx) ? to(tx).among(ids, ask) : ask.get();
  }

  private synchronized List<Subscription> among(
      Collection<String> ids, Supplier<List<Subscription>> ask) {
    if (!byId.keySet().containsAll(ids)) {
      ask.get().forEach(found -> byId.put(found.id(), found));
    }
    return new TreeSet<>(ids).stream().filter(byId::containsKey).map(byId::get).toList();
  }

  /** All of tenants, by id. */
  static List<Subscription> ofTenants(
      Transaction tx, Collection<String> tenants, Supplier<List<Subscription>> ask) {
    return Alone.is(tx) ? to(tx).ofTenants(tenants, ask) : ask.get();
  }

  private synchronized List<Subscription> ofTenants(
      Collection<String> of, Supplier<List<Subscription>> ask) {
    if (!tenants.containsAll(of)) {
      ask.get().forEach(found -> byId.put(found.id(), found));
      tenants.addAll(of);
    }
    Set<String> wanted = Set.copyOf(of);
    return byId.values().stream()
        .filter(each -> wanted.contains(each.tenant()))
        .sorted(Comparator.comparing(Subscription::id))
        .toList();
  }

  static void saved(Transaction tx, List<Revision> revisions) {
    if (Alone.is(tx)) {
      to(tx).keep(revisions);
    }
  }

  private synchronized void keep(List<Revision> revisions) {
    revisions.forEach(revision -> byId.put(revision.after().id(), revision.after()));
  }
}
