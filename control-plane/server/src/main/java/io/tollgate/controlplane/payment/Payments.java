package io.tollgate.controlplane.payment;

import io.tollgate.controlplane.database.ConflictException;
import io.tollgate.controlplane.database.Event;
import io.tollgate.controlplane.database.Json;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.invoice.Invoice;
import io.tollgate.controlplane.invoice.InvoiceStateException;
import io.tollgate.controlplane.invoice.InvoiceStatus;
import io.tollgate.controlplane.invoice.Payment;
import io.tollgate.controlplane.web.Problem;
import io.tollgate.controlplane.web.Room;
import io.tollgate.controlplane.web.Routes;
import io.tollgate.controlplane.web.Wire;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * Money that comes in. An attempt is stored before it is sent and its answer afterwards, each in a
 * transaction of its own, so that no lock is held while a provider thinks and no answer is lost
 * with the process that waited for it. What settles is booked on the invoice in the transaction
 * that stores it, with its event and its line in the audit trail. Listeners are added while the
 * program is put together; afterwards thread-safe.
 */
public final class Payments implements Room {
  private final PaymentParts parts;
  private final PaymentProviders providers;
  private final AttemptStore store = new AttemptStore();
  private final Collector collector;
  private final List<PaymentListener> listeners = new ArrayList<>();

  /** Payments through the providers. */
  public Payments(PaymentParts parts, PaymentProviders providers) {
    this.parts = parts;
    this.providers = providers;
    this.collector = new Collector(parts, providers, store);
  }

  /** Adds one that is told of declined attempts. */
  public void listen(PaymentListener listener) {
    listeners.add(listener);
  }

  /**
   * Asks the tenant's provider for what is due on an invoice. Blocks for the provider's timeouts;
   * must not be called in a transaction that holds the invoice.
   *
   * @param actor who wants it: a caller's id, or {@code system}
   * @return the attempt with its answer; empty where nothing is due any more
   * @throws Problem 404 if there is no such invoice, 409 if an attempt is under way
   */
  public Optional<Attempt> collect(String invoice, String actor) {
    return collector
        .ask(invoice, actor)
        .map(
            asked ->
                parts.database().inTransaction(tx -> finish(tx, asked.attempt(), asked.result())));
  }

  /** 409, with the state of an invoice on which nothing is due. */
  Problem nothingDue(String invoice) {
    return parts
        .database()
        .inTransaction(
            tx -> new InvoiceStateException(invoice(tx, invoice), "nothing is due").problem());
  }

  /**
   * As {@link #collect} for those of many invoices whose tenants pay by bank transfer, in the
   * caller's transaction and with few statements.
   *
   * @return the invoices that need nothing more; the others are to be collected one by one
   */
  public Set<String> awaitTransfers(Transaction tx, Collection<String> invoices, String actor) {
    return new AwaitedTransfers(parts, providers, store).note(tx, invoices, actor);
  }

  private Attempt finish(Transaction tx, Attempt sent, PaymentResult result) {
    Instant now = parts.clocks().now(tx, sent.tenant());
    Attempt attempt = sent.with(Attempt.Answer.of(result, now));
    if (result instanceof PaymentResult.Settled settled) {
      return settle(tx, attempt, settled.amount());
    }
    if (store.update(tx, attempt)) {
      announce(tx, attempt, now);
      if (attempt.state() == Attempt.State.DECLINED) {
        listeners.forEach(listener -> listener.declined(tx, attempt));
      }
    }
    return attempt;
  }

  /** Stores a settled attempt and books its money, once for each of the provider's references. */
  private Attempt settle(Transaction tx, Attempt attempt, Money amount) {
    Instant at = parts.clocks().now(tx, attempt.tenant());
    String reference =
        attempt.provider() + ":" + attempt.answer().reference() + ":" + attempt.invoice();
    // The invoice's lock first: answer and webhook of one payment come one after the other.
    parts.invoices().pay(tx, new Payment(attempt.invoice(), amount, reference, at));
    boolean booked =
        store.ofInvoice(tx, attempt.invoice()).stream()
            .anyMatch(other -> other.state() == Attempt.State.SETTLED && isSame(other, attempt));
    if (booked) {
      Attempt.Answer elsewhere =
          new Attempt.Answer(
              Attempt.State.UNAVAILABLE,
              attempt.answer().reference(),
              null,
              "another attempt was settled with the same money",
              null,
              null);
      store.update(tx, attempt.with(elsewhere));
      return attempt.with(elsewhere);
    }
    if (store.update(tx, attempt)) {
      announce(tx, attempt, at);
    }
    return attempt;
  }

  private static boolean isSame(Attempt other, Attempt attempt) {
    return !other.id().equals(attempt.id())
        && other.provider().equals(attempt.provider())
        && Objects.equals(other.answer().reference(), attempt.answer().reference());
  }

  /**
   * Records money that came by itself, such as a bank transfer.
   *
   * @param amount over zero; null for all that is due
   * @param reference the bank's name for it; null for none. The same reference counts once for an
   *     invoice
   * @throws Problem 404 if there is no such invoice, 409 if it is not open or the reference was
   *     recorded before, 422 for an amount in another currency or not over zero
   */
  public Attempt record(
      Transaction tx,
      String invoiceId,
      @Nullable Money amount,
      @Nullable String reference,
      String actor) {
    // Two who record what is due at once must not both find it due.
    Invoice invoice =
        parts
            .invoices()
            .lock(tx, invoiceId)
            .orElseThrow(() -> Problem.notFound("invoice", invoiceId));
    if (invoice.status() != InvoiceStatus.OPEN) {
      throw new InvoiceStateException(invoice, "only an open one can be paid").problem();
    }
    Money received = amount == null ? invoice.amountDue() : amount;
    if (!received.getCurrencyUnit().equals(invoice.currency()) || !received.isPositive()) {
      throw Problem.invalid("amount", "over zero and in " + invoice.currency() + " is expected");
    }
    String id = parts.ids().next("pay");
    Instant now = parts.clocks().now(tx, invoice.tenant());
    Attempt receipt =
        new Attempt(
            id,
            invoice.tenant(),
            invoiceId,
            ManualProvider.NAME,
            Attempt.Kind.RECEIPT,
            1,
            received,
            Attempt.Answer.settled(reference == null ? id : reference, now),
            null,
            actor,
            now);
    try {
      store.insert(tx, receipt, null);
    } catch (ConflictException e) {
      throw Problem.conflict("a payment with the reference " + reference + " is recorded already");
    }
    parts.invoices().pay(tx, new Payment(invoiceId, received, id, now));
    announce(tx, receipt, now);
    return receipt;
  }

  /**
   * Acts on a provider's word that something changed, by asking for its present state: safe against
   * words that come twice, late and out of order, and against echoes of our own calls.
   *
   * @param notice what the provider said
   * @throws Problem 503 if the provider does not answer now; it will say it again
   */
  public void report(ProviderNotice notice) {
    PaymentProvider provider = providers.named(notice.provider());
    if (parts.database().inTransaction(tx -> isKnown(tx, notice))) {
      return;
    }
    PaymentResult result = provider.find(notice.reference());
    if (result instanceof PaymentResult.Unavailable unavailable) {
      throw new Problem(503, "provider-unavailable", "Provider unavailable", unavailable.why());
    }
    parts
        .database()
        .inTransaction(
            notice.tenant(),
            tx -> {
              Instant wall = parts.clocks().wall().instant();
              if (store.note(tx, notice.provider(), notice.event(), wall)) {
                apply(tx, notice, result);
              }
              return true;
            });
  }

  /** The event was handled, or is the echo of an attempt whose answer we have. */
  private boolean isKnown(Transaction tx, ProviderNotice notice) {
    return store.isNoted(tx, notice.provider(), notice.event())
        || store.ofInvoice(tx, notice.invoice()).stream()
            .anyMatch(
                attempt ->
                    attempt.state() == Attempt.State.SETTLED
                        && attempt.provider().equals(notice.provider())
                        && notice.reference().equals(attempt.answer().reference()));
  }

  private void apply(Transaction tx, ProviderNotice notice, PaymentResult result) {
    if (!(result instanceof PaymentResult.Settled settled)) {
      // Still unpaid: the attempt that asked has the same news, with the bank's reason.
      return;
    }
    Invoice invoice = invoice(tx, notice.invoice());
    Instant now = parts.clocks().now(tx, invoice.tenant());
    Attempt attempt =
        store.ofInvoice(tx, notice.invoice()).stream()
            .filter(other -> mayBe(other, notice))
            .reduce((first, last) -> last)
            .orElseGet(() -> receipt(tx, notice, settled.amount(), now));
    settle(tx, attempt.with(Attempt.Answer.settled(settled.reference(), now)), settled.amount());
  }

  /** The one in flight, or one of this reference whose end we did not hear of. */
  private static boolean mayBe(Attempt attempt, ProviderNotice notice) {
    if (!attempt.provider().equals(notice.provider())) {
      return false;
    }
    return switch (attempt.state()) {
      case SENT -> true;
      case PENDING, UNAVAILABLE -> notice.reference().equals(attempt.answer().reference());
      case SETTLED, DECLINED -> false;
    };
  }

  /** The payer paid at the provider's page, or an answer was lost before it was stored. */
  private Attempt receipt(Transaction tx, ProviderNotice notice, Money amount, Instant now) {
    Attempt receipt =
        new Attempt(
            parts.ids().next("pay"),
            notice.tenant(),
            notice.invoice(),
            notice.provider(),
            Attempt.Kind.RECEIPT,
            1,
            amount,
            Attempt.Answer.NONE,
            null,
            notice.provider(),
            now);
    store.insert(tx, receipt, null);
    return receipt;
  }

  /**
   * Says by whom a tenant pays from now on.
   *
   * @param customer who the tenant is there; null until the provider was told of it
   * @throws Problem 404 if there is no such tenant, 422 for a provider that is not configured
   */
  public void payBy(
      Transaction tx, String actor, String tenant, String provider, @Nullable String customer) {
    if (providers.find(provider).isEmpty()) {
      throw Problem.invalid("provider", "one of " + providers.names() + " is expected");
    }
    parts.payers().payer(tx, tenant);
    PaymentMethod method = new PaymentMethod(provider, customer);
    store.setMethod(tx, tenant, method);
    parts.audit().record(tx, actor, "payment-method.set", tenant, tenant, method.json());
  }

  /** Whether a tenant chose somebody who collects by being asked: no bank transfer. */
  public boolean isChargeable(Transaction tx, String tenant) {
    return store
        .method(tx, tenant)
        .flatMap(method -> providers.find(method.provider()))
        .filter(provider -> !(provider instanceof ManualProvider))
        .isPresent();
  }

  /** A tenant's attempts, oldest first. */
  public List<Attempt> ofTenant(Transaction tx, String tenant) {
    return store.ofTenant(tx, tenant);
  }

  /** An invoice's attempts, oldest first. */
  public List<Attempt> ofInvoice(Transaction tx, String invoice) {
    return store.ofInvoice(tx, invoice);
  }

  /** How many attempts to collect each of tenants' invoices were declined; no entry for none. */
  public Map<String, Integer> declined(Transaction tx, Collection<String> tenants) {
    Map<String, Integer> times = new LinkedHashMap<>();
    store.declined(tx, tenants).forEach(each -> times.put(each.invoice(), each.times()));
    return times;
  }

  @Override
  public void mount(Routes routes) {
    new PaymentRoutes(this, new Refunds(this, parts, providers), parts).mount(routes);
  }

  AttemptStore store() {
    return store;
  }

  PaymentMethod method(Transaction tx, String tenant) {
    return collector.method(tx, tenant);
  }

  private Invoice invoice(Transaction tx, String id) {
    return parts.invoices().find(tx, id).orElseThrow(() -> Problem.notFound("invoice", id));
  }

  void announce(Transaction tx, Attempt attempt, Instant now) {
    String kind =
        (attempt.kind() == Attempt.Kind.REFUND ? "refund." : "payment.")
            + attempt.state().name().toLowerCase(Locale.ROOT);
    Map<String, Object> facts = AttemptJson.of(attempt);
    parts.audit().record(tx, attempt.actor(), kind, attempt.id(), attempt.tenant(), facts);
    parts
        .outbox()
        .publish(
            tx, new Event(attempt.tenant(), kind, attempt.id(), new Json(Wire.write(facts)), now));
  }
}
