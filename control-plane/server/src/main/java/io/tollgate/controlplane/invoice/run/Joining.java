package io.tollgate.controlplane.invoice.run;

import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.invoice.Claims;
import io.tollgate.controlplane.invoice.Customer;
import io.tollgate.controlplane.invoice.Draft;
import io.tollgate.controlplane.invoice.Invoice;
import io.tollgate.controlplane.invoice.InvoiceDetails;
import io.tollgate.controlplane.invoice.Invoices;
import io.tollgate.controlplane.invoice.composition.Composition;
import io.tollgate.controlplane.invoice.composition.Issue;
import io.tollgate.controlplane.invoice.run.Loading.Mode;
import io.tollgate.controlplane.subscription.Revision;
import io.tollgate.controlplane.subscription.RevisionKey;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.time.TenantClocks;
import io.tollgate.controlplane.time.Work;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Documents that were made for good and wait for another one: the next of their subscription, or
 * that of their day. Until then they are drafts, whose lines later steps see; then their lines go
 * on it as they are.
 *
 * @param clocks which say when a document is made; null where that is its instant
 */
record Joining(Sources sources, Invoices invoices, @Nullable TenantClocks clocks) {
  /** What waits for the next documents of the steps' subscriptions, which these are. */
  static List<WaitingStore.One> waiting(Transaction tx, List<Bills> steps, Mode mode) {
    List<Subscription> of =
        steps.stream().filter(step -> !step.waits()).map(step -> step.revision().after()).toList();
    return switch (mode) {
      case LOOK, FOR_GOOD ->
          of.isEmpty()
              ? List.of()
              : WaitingStore.next(
                  tx,
                  of.stream().map(Subscription::tenant).distinct().toList(),
                  of.stream().map(Subscription::id).distinct().toList(),
                  mode == Mode.FOR_GOOD);
      case DRAFT, AGAIN -> List.of();
    };
  }

  static List<String> waitingFor(List<WaitingStore.One> waiting, List<Bills> together) {
    return waiting.stream()
        .filter(
            one ->
                together.stream()
                    .filter(step -> !one.at().isAfter(step.revision().at()) && !step.waits())
                    .anyMatch(step -> one.subscriptions().contains(step.revision().after().id())))
        .map(WaitingStore.One::id)
        .toList();
  }

  /** A document with what waited for it; that alone where it has nothing of its own. */
  @Nullable Draft joined(
      Transaction tx, @Nullable Draft own, Issue issue, List<String> waiting, Mode mode) {
    if (waiting.isEmpty()) {
      return own;
    }
    List<InvoiceDetails> parts = new ArrayList<>();
    List<Draft.Claim> claims = new ArrayList<>();
    if (own != null) {
      parts.add(own.details());
      claims.addAll(own.claims());
    }
    waiting.forEach(id -> parts.add(invoices.details(tx, id).orElseThrow()));
    Claims.of(tx, waiting).forEach(claimed -> claims.add(claimed.claim()));
    if (mode == Mode.FOR_GOOD) {
      Claims.withdraw(tx, waiting);
    }
    return Draft.of(Composition.join(issue, parts), issue.catalog(), claims, issue.at());
  }

  /** The end of the day on which a document was made, in the tenant's zone. */
  static Work grouping(Draft draft) {
    Invoice invoice = draft.details().invoice();
    LocalDate day = invoice.issuedOn();
    Instant end = day.plusDays(1).atStartOfDay(draft.details().print().zone()).toInstant();
    return new Work(invoice.tenant(), Billing.GROUP, invoice.tenant() + "/" + day, end);
  }

  /** What waits for the end of a tenant's day, by what can stand on one document. */
  List<List<String>> ofDay(Transaction tx, String tenant, Instant end) {
    List<String> waiting = WaitingStore.ofDay(tx, tenant, end);
    Map<String, Revision> steps = stepsOf(tx, waiting);
    Map<List<Object>, List<String>> alike = new LinkedHashMap<>();
    for (String id : waiting) {
      Subscription of = Objects.requireNonNull(steps.get(id)).after();
      alike.computeIfAbsent(List.of(of.currency(), of.catalog()), key -> new ArrayList<>()).add(id);
    }
    return List.copyOf(alike.values());
  }

  /** The last step that each of some documents bills. */
  private Map<String, Revision> stepsOf(Transaction tx, List<String> documents) {
    List<Claims.Claimed> claims = Claims.of(tx, documents);
    Map<RevisionKey, Revision> found =
        sources.steps().of(tx, claims.stream().map(Claims.Claimed::key).distinct().toList());
    Map<String, Revision> steps = new LinkedHashMap<>();
    claims.forEach(
        claimed -> steps.put(claimed.invoice(), Objects.requireNonNull(found.get(claimed.key()))));
    return steps;
  }

  /**
   * One document of some that wait, of one currency and catalog, with the first one's id; they are
   * withdrawn.
   *
   * @param made when, by the tenant's clock; null for now
   */
  Draft whole(Transaction tx, List<String> waiting, @Nullable Instant made) {
    List<InvoiceDetails> parts =
        waiting.stream().map(id -> invoices.details(tx, id).orElseThrow()).toList();
    Subscription of = Objects.requireNonNull(stepsOf(tx, waiting).get(waiting.getLast())).after();
    Invoice last = parts.getLast().invoice();
    Customer customer =
        Objects.requireNonNull(sources.customers().of(tx, List.of(of.tenant())).get(of.tenant()));
    Instant now =
        made != null ? made : clocks == null ? last.issuedAt() : clocks.now(tx, of.tenant());
    Issue issue =
        new Issue(
                waiting.getFirst(),
                customer,
                sources.catalogs().of(tx, of.catalog(), of.version()),
                last.issuedAt(),
                now)
            .taxedBy(sources.catalogs().newestTaxes(tx, of.catalog()));
    List<Draft.Claim> claims = Claims.of(tx, waiting).stream().map(Claims.Claimed::claim).toList();
    Claims.withdraw(tx, waiting);
    return Draft.of(Composition.join(issue, parts), issue.catalog(), claims, last.issuedAt());
  }
}
