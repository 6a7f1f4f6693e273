package io.tollgate.controlplane.payment;

import io.tollgate.controlplane.audit.Audit;
import io.tollgate.controlplane.database.Event;
import io.tollgate.controlplane.database.Json;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.invoice.Invoice;
import io.tollgate.controlplane.invoice.InvoiceStatus;
import io.tollgate.controlplane.web.Wire;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Attempts to collect by bank transfer, many at once: nobody is asked and the answer is known, so
 * hundreds take the few statements of one transaction.
 */
final class AwaitedTransfers {
  private final PaymentParts parts;
  private final PaymentProviders providers;
  private final AttemptStore store;

  AwaitedTransfers(PaymentParts parts, PaymentProviders providers, AttemptStore store) {
    this.parts = parts;
    this.providers = providers;
    this.store = store;
  }

  /**
   * Notes an attempt at each of the invoices whose tenant pays by transfer.
   *
   * @return those that need nothing more: noted now, or nothing is due on them
   */
  Set<String> note(Transaction tx, Collection<String> ids, String actor) {
    Set<String> done = new HashSet<>(ids);
    List<Invoice> due =
        parts.invoices().find(tx, ids).stream()
            .filter(i -> i.status() == InvoiceStatus.OPEN && i.amountDue().isPositive())
            .sorted(Comparator.comparing(Invoice::tenant))
            .toList();
    Map<String, String> chosen = store.providers(tx, due.stream().map(Invoice::tenant).toList());
    Map<String, AttemptStore.Earlier> earlier =
        store.earlier(tx, due.stream().map(Invoice::id).toList());
    Map<String, Instant> now =
        parts.clocks().now(tx, due.stream().map(Invoice::tenant).distinct().toList());
    List<Attempt> attempts = new ArrayList<>();
    for (Invoice invoice : due) {
      AttemptStore.Earlier before =
          earlier.getOrDefault(invoice.id(), new AttemptStore.Earlier(0, false));
      if (!byTransfer(chosen.get(invoice.tenant())) || before.underWay()) {
        done.remove(invoice.id());
        continue;
      }
      Instant at = Objects.requireNonNull(now.get(invoice.tenant()));
      attempts.add(attempt(invoice, before.count() + 1, actor, at));
    }
    store.insertAll(tx, attempts);
    announce(tx, attempts);
    return done;
  }

  private boolean byTransfer(@Nullable String chosen) {
    PaymentProvider provider =
        chosen == null ? providers.usual() : providers.find(chosen).orElseGet(providers::usual);
    return provider instanceof ManualProvider;
  }

  private Attempt attempt(Invoice invoice, int number, String actor, Instant at) {
    return new Attempt(
        parts.ids().next("pay"),
        invoice.tenant(),
        invoice.id(),
        ManualProvider.NAME,
        Attempt.Kind.COLLECTION,
        number,
        invoice.amountDue(),
        Attempt.Answer.of(ManualProvider.awaited(String.valueOf(invoice.number())), at),
        null,
        actor,
        at);
  }

  private void announce(Transaction tx, List<Attempt> attempts) {
    List<Audit.Line> lines = new ArrayList<>();
    List<Event> events = new ArrayList<>();
    for (Attempt attempt : attempts) {
      Map<String, Object> facts = AttemptJson.of(attempt);
      lines.add(
          new Audit.Line(
              attempt.actor(), "payment.pending", attempt.id(), attempt.tenant(), facts));
      events.add(
          new Event(
              attempt.tenant(),
              "payment.pending",
              attempt.id(),
              new Json(Wire.write(facts)),
              attempt.createdAt()));
    }
    parts.audit().recordAll(tx, lines);
    parts.outbox().publishAll(tx, events);
  }
}
