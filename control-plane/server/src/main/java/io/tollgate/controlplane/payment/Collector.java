package io.tollgate.controlplane.payment;

import io.tollgate.controlplane.database.ConflictException;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.invoice.Invoice;
import io.tollgate.controlplane.invoice.InvoiceStatus;
import io.tollgate.controlplane.web.Problem;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Asks a tenant's provider for what is due on an invoice. The attempt is stored before it is sent,
 * and no lock is held while the provider thinks.
 */
final class Collector {
  /** Longer than any provider's timeouts and repetitions together. */
  private static final Duration IN_FLIGHT = Duration.ofMinutes(15);

  private final PaymentParts parts;
  private final PaymentProviders providers;
  private final AttemptStore store;

  Collector(PaymentParts parts, PaymentProviders providers, AttemptStore store) {
    this.parts = parts;
    this.providers = providers;
    this.store = store;
  }

  /** What was sent, and what the provider said to it; not stored yet. */
  record Asked(Attempt attempt, PaymentResult result) {}

  /** An attempt that is stored and not yet sent. */
  private record Prepared(
      Attempt attempt,
      Invoice invoice,
      PaymentMethod method,
      Payer payer,
      @Nullable String known) {}

  /**
   * Asks once; blocks for the provider's timeouts.
   *
   * @return empty where nothing is due any more
   * @throws Problem 404 if there is no such invoice, 409 if an attempt is under way
   */
  Optional<Asked> ask(String invoice, String actor) {
    Optional<Prepared> prepared;
    try {
      prepared = parts.database().inTransaction(tx -> prepare(tx, invoice, actor));
    } catch (ConflictException e) {
      throw Problem.inState(
          "an attempt to collect invoice " + invoice + " is under way",
          InvoiceStatus.OPEN,
          List.of("payments"));
    }
    return prepared.map(ready -> new Asked(ready.attempt(), send(ready)));
  }

  private Optional<Prepared> prepare(Transaction tx, String id, String actor) {
    Invoice invoice =
        parts.invoices().find(tx, id).orElseThrow(() -> Problem.notFound("invoice", id));
    if (invoice.status() != InvoiceStatus.OPEN || !invoice.amountDue().isPositive()) {
      return Optional.empty();
    }
    Instant wall = parts.clocks().wall().instant();
    store.abandon(tx, id, wall);
    PaymentMethod method = method(tx, invoice.tenant());
    List<Attempt> earlier =
        store.ofInvoice(tx, id).stream()
            .filter(attempt -> attempt.kind() == Attempt.Kind.COLLECTION)
            .toList();
    String known =
        earlier.stream()
            .filter(attempt -> attempt.provider().equals(method.provider()))
            .map(attempt -> attempt.answer().reference())
            .filter(reference -> reference != null)
            .reduce((first, last) -> last)
            .orElse(null);
    Attempt attempt =
        new Attempt(
            parts.ids().next("pay"),
            invoice.tenant(),
            id,
            method.provider(),
            Attempt.Kind.COLLECTION,
            earlier.size() + 1,
            invoice.amountDue(),
            Attempt.Answer.NONE,
            null,
            actor,
            parts.clocks().now(tx, invoice.tenant()));
    store.insert(tx, attempt, wall.plus(IN_FLIGHT));
    Payer payer = parts.payers().payer(tx, invoice.tenant());
    return Optional.of(new Prepared(attempt, invoice, method, payer, known));
  }

  private PaymentResult send(Prepared ready) {
    Attempt attempt = ready.attempt();
    PaymentProvider provider = providers.named(attempt.provider());
    String customer = ready.method().customer();
    if (customer == null) {
      switch (provider.ensureCustomer(ready.payer(), "customer:" + attempt.tenant())) {
        case CustomerResult.Failed failed -> {
          return failed.why();
        }
        case CustomerResult.Ready known -> {
          customer = known.reference();
          PaymentMethod method = new PaymentMethod(provider.name(), customer);
          parts
              .database()
              .inTransaction(
                  tx -> {
                    store.setMethod(tx, attempt.tenant(), method);
                    return true;
                  });
        }
      }
    }
    return provider.collect(
        new CollectionOrder(
            attempt.id(),
            attempt.tenant(),
            attempt.invoice(),
            String.valueOf(ready.invoice().number()),
            attempt.amount(),
            customer,
            ready.known(),
            attempt.number()));
  }

  /** By whom a tenant pays: as it chose, where that provider is still there. */
  PaymentMethod method(Transaction tx, String tenant) {
    return store
        .method(tx, tenant)
        .filter(method -> providers.find(method.provider()).isPresent())
        .orElseGet(() -> new PaymentMethod(providers.usual().name(), null));
  }
}
