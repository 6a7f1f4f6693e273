package io.tollgate.controlplane.invoice.run;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.invoice.Claims;
import io.tollgate.controlplane.invoice.Claims.Claimed;
import io.tollgate.controlplane.invoice.Draft;
import io.tollgate.controlplane.invoice.Invoice;
import io.tollgate.controlplane.invoice.InvoiceDetails;
import io.tollgate.controlplane.invoice.Invoices;
import io.tollgate.controlplane.invoice.composition.Bill;
import io.tollgate.controlplane.invoice.composition.Composition;
import io.tollgate.controlplane.invoice.composition.Issue;
import io.tollgate.controlplane.invoice.composition.Reduction;
import io.tollgate.controlplane.rating.ChangeFees.Charged;
import io.tollgate.controlplane.rating.PricedLine;
import io.tollgate.controlplane.subscription.Revision;
import io.tollgate.controlplane.subscription.RevisionKey;
import io.tollgate.controlplane.subscription.Subscription;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * Invoices as they would have been under another catalog: the same steps, usage, coupons and
 * customers, billed by the same pure functions. Writes nothing. Thread-safe.
 *
 * <p>What a change credited is a share of what was charged before; under the other catalog that
 * would have been charged in the proportion of the two prices.
 */
public final class Rerating {
  private final Sources sources;
  private final Composition composition;
  private final Invoices documents;

  Rerating(Sources sources, Composition composition, Invoices documents) {
    this.documents = documents;
    this.sources = sources;
    this.composition = composition;
  }

  /**
   * An invoice and what it would have been.
   *
   * @param before as it was issued
   * @param total what it would have come to; null where the other catalog cannot bill it
   * @param problems why it cannot; empty if it can
   */
  public record Rerated(Invoice before, @Nullable Money total, List<String> problems) {}

  /** An invoice's steps with what it claimed of them. */
  private record Billed(Invoice invoice, List<Bills> steps, Set<Draft.Claim> claims) {}

  /**
   * Each tenant's last but so many document that the catalog's bills made, as it would have been.
   *
   * @param tenants some hundred at most: they are held in memory together
   * @param skip 0 for the last, 1 for the one before
   */
  public List<Rerated> last(Transaction tx, Collection<String> tenants, Catalog draft, int skip) {
    List<Invoice> invoices = documents.last(tx, tenants, draft.name(), skip, 1);
    return invoices.isEmpty() ? List.of() : rerated(tx, invoices, draft);
  }

  private List<Rerated> rerated(Transaction tx, List<Invoice> invoices, Catalog draft) {
    List<Billed> billed = billed(tx, invoices, draft);
    IdentityHashMap<Bills, String> invoiceOf = new IdentityHashMap<>();
    billed.forEach(of -> of.steps().forEach(step -> invoiceOf.put(step, of.invoice().id())));
    List<Bills> steps = billed.stream().flatMap(of -> of.steps().stream()).toList();
    List<Bills> ends =
        steps.stream().filter(step -> step.revision().after().state().isOver()).toList();
    ToldLate told = ToldLate.of(tx, sources.usages(), tenants(ends));
    Usages usages = UsageOfEnds.of(tx, sources, told.before(sources.usages(), ends), steps);
    Loading loading = Loading.again(tx, sources.counting(usages), steps, invoiceOf);
    ClosingsAgain closings = new ClosingsAgain(sources, told);
    Map<String, List<OneOff>> oneOffs =
        OneOffStore.taken(tx, invoices.stream().map(Invoice::id).toList());
    Map<RevisionKey, Catalog> originals = originals(tx, steps);
    Reduction.Rule discounts = loading.discounts();
    List<Rerated> answers = new ArrayList<>();
    for (Billed of : billed) {
      Missing missing = new Missing(draft);
      of.steps().forEach(missing::look);
      if (!missing.problems().isEmpty()) {
        answers.add(new Rerated(of.invoice(), null, missing.problems()));
        continue;
      }
      if (of.steps().isEmpty()) {
        // Made by hand, such as a wallet's top-up: no catalog prices it.
        answers.add(new Rerated(of.invoice(), of.invoice().totals().total(), List.of()));
        continue;
      }
      Instant closing = ClosingsAgain.at(of.claims()).orElse(null);
      ClosingsAgain.Priced priced =
          closing == null
              ? new ClosingsAgain.Priced(bills(tx, of, loading, originals), discounts)
              : closings.priced(tx, of.steps().getFirst(), closing);
      List<Bill> bills = new ArrayList<>(priced.bills());
      for (OneOff charge : oneOffs.getOrDefault(of.invoice().id(), List.of())) {
        bills.add(new Bill.Once(charge.line(of.invoice().currency(), running(of, charge))));
      }
      Issue issue =
          new Issue(
              of.invoice().id(),
              loading.customer(of.invoice().tenant()),
              draft,
              of.invoice().issuedAt());
      InvoiceDetails details = composition.compose(issue, bills, priced.discounts());
      answers.add(
          new Rerated(
              of.invoice(),
              details == null
                  ? Money.zero(of.invoice().currency())
                  : details.invoice().totals().total(),
              List.of()));
    }
    return answers;
  }

  /** The period that ran, or began, where a charge that had waited was billed. */
  private static Period running(Billed of, OneOff charge) {
    return of.steps().stream()
        .map(step -> step.revision().after())
        .filter(subscription -> subscription.id().equals(charge.subscription()))
        .map(Subscription::current)
        .findFirst()
        .orElse(of.invoice().period());
  }

  /** What the steps of an invoice that is no closing one bill. */
  private List<Bill> bills(
      Transaction tx, Billed of, Loading loading, Map<RevisionKey, Catalog> originals) {
    List<Bill> bills = new ArrayList<>();
    // What a change charged on the same invoice, of which a later one credits.
    Map<String, Charged> before = new HashMap<>();
    for (Bills step : of.steps()) {
      Map<String, Charged> charged = new HashMap<>(before);
      Catalog original = Objects.requireNonNull(originals.get(step.revision().key()));
      loading
          .charged(step)
          .forEach((item, sum) -> charged.put(item, scaled(sum, item, step, original)));
      List<Bill> own = claimed(tx, of, step, step.list(loading.used(step), charged));
      own.forEach(bill -> before.putAll(charged(bill, loading.discounts())));
      bills.addAll(own);
    }
    return bills;
  }

  private static List<String> tenants(List<Bills> ends) {
    return ends.stream().map(end -> end.previous().tenant()).distinct().toList();
  }

  private List<Billed> billed(Transaction tx, List<Invoice> invoices, Catalog draft) {
    List<Claimed> claims = Claims.of(tx, invoices.stream().map(Invoice::id).toList());
    Map<RevisionKey, Revision> revisions =
        sources
            .steps()
            .of(tx, claims.stream().map(claimed -> key(claimed.claim())).distinct().toList());
    Map<String, List<Claimed>> byInvoice =
        claims.stream()
            .collect(
                Collectors.groupingBy(Claimed::invoice, LinkedHashMap::new, Collectors.toList()));
    List<Billed> billed = new ArrayList<>();
    for (Invoice invoice : invoices) {
      List<Claimed> own = byInvoice.getOrDefault(invoice.id(), List.of());
      billed.add(
          new Billed(
              invoice,
              own.stream()
                  .map(claimed -> key(claimed.claim()))
                  .distinct()
                  .map(revisions::get)
                  .filter(Objects::nonNull)
                  .map(revision -> new Bills(revision, draft, draft, Map.of()))
                  .toList(),
              own.stream().map(Claimed::claim).collect(Collectors.toCollection(HashSet::new))));
    }
    return billed;
  }

  /**
   * Those of a step's bills that went onto the invoice, and those that only the other catalog has
   * it make, as it bills at another time or by other parts.
   */
  private List<Bill> claimed(Transaction tx, Billed of, Bills step, List<Bill> bills) {
    Subscription is = step.revision().after();
    if (bills.stream().allMatch(bill -> of.claims().contains(Drafting.claim(is, bill)))) {
      return bills;
    }
    Set<Draft.Claim> then = claims(sources.bills(tx, step.revision()));
    return bills.stream()
        .filter(
            bill -> {
              Draft.Claim claim = Drafting.claim(is, bill);
              return of.claims().contains(claim) || !then.contains(claim);
            })
        .toList();
  }

  /** What a step claims, whatever was used and charged. */
  private static Set<Draft.Claim> claims(Bills step) {
    Subscription is = step.revision().after();
    Bills.Used none = new Bills.Used(Map.of(), Map.of(), Map.of());
    Set<Draft.Claim> claims = new HashSet<>();
    List<Bills.Used> used = step.stretches().stream().map(stretch -> none).toList();
    step.list(used, Map.of()).forEach(bill -> claims.add(Drafting.claim(is, bill)));
    for (Bills.Stretch stretch : step.stretches()) {
      Bill.Arrears usage = new Bill.Arrears(stretch.fees(), stretch.period(), Map.of());
      claims.add(Drafting.claim(is, usage));
    }
    return claims;
  }

  /** By item, what a change charges, after discounts. */
  private static Map<String, Charged> charged(Bill bill, Reduction.Rule discounts) {
    Map<String, Charged> charged = new HashMap<>();
    if (bill instanceof Bill.Change) {
      List<PricedLine> lines = bill.lines();
      List<Reduction> off = discounts.on(lines);
      for (int i = 0; i < lines.size(); i++) {
        Money amount = lines.get(i).amount().plus(lines.get(i).netted());
        for (Reduction reduction : off) {
          amount = reduction.line() == i ? amount.minus(reduction.amount()) : amount;
        }
        if (amount.isPositive()) {
          charged.put(lines.get(i).item(), new Charged(amount, lines.get(i).period()));
        }
      }
    }
    return charged;
  }

  /** The catalog versions under which the steps' earlier periods were charged. */
  private Map<RevisionKey, Catalog> originals(Transaction tx, List<Bills> steps) {
    Map<RevisionKey, Catalog> originals = new HashMap<>();
    for (Bills step : steps) {
      Subscription was = step.revision().before();
      Subscription then = was == null ? step.revision().after() : was;
      originals.put(
          step.revision().key(), sources.catalogs().of(tx, then.catalog(), then.version()));
    }
    return originals;
  }

  private static Charged scaled(Charged sum, String item, Bills step, Catalog original) {
    Subscription was = step.revision().before();
    if (was == null) {
      return sum;
    }
    BigDecimal then = UnitPrices.of(original, was, item);
    BigDecimal now = UnitPrices.of(step.before(), was, item);
    return then.signum() == 0 || then.compareTo(now) == 0
        ? sum
        : sum.scaled(amount -> UnitPrices.scaled(amount, now, then));
  }

  private static RevisionKey key(Draft.Claim claim) {
    return new RevisionKey(claim.subscription(), claim.revision());
  }
}
