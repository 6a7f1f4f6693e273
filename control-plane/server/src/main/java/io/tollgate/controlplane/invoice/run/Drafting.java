package io.tollgate.controlplane.invoice.run;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.catalog.Policies;
import io.tollgate.controlplane.catalog.TaxRates;
import io.tollgate.controlplane.database.Ids;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.discount.Redemptions;
import io.tollgate.controlplane.invoice.Charge;
import io.tollgate.controlplane.invoice.Draft;
import io.tollgate.controlplane.invoice.InvoiceDetails;
import io.tollgate.controlplane.invoice.InvoiceLine;
import io.tollgate.controlplane.invoice.composition.Bill;
import io.tollgate.controlplane.invoice.composition.Composition;
import io.tollgate.controlplane.invoice.composition.Issue;
import io.tollgate.controlplane.invoice.composition.Reduction;
import io.tollgate.controlplane.invoice.run.Loading.Mode;
import io.tollgate.controlplane.subscription.Revision;
import io.tollgate.controlplane.subscription.RevisionKey;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.time.TenantClocks;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.joda.money.CurrencyUnit;
import org.jspecify.annotations.Nullable;

/**
 * Turns the steps of subscriptions into documents: loads what they need by a few queries, and
 * composes what belongs together. Stateless.
 *
 * @param clocks which say when documents of the past are made; null where that is their instant
 */
record Drafting(
    Sources sources,
    Composition composition,
    Ids ids,
    Joining joining,
    @Nullable TenantClocks clocks) {
  /** What belongs on one invoice: one tenant's steps at one instant, under one seller. */
  record Head(String tenant, CurrencyUnit currency, String catalog, Instant at) {
    static Head of(Bills bills) {
      Subscription is = bills.revision().after();
      return new Head(is.tenant(), is.currency(), is.catalog(), bills.revision().at());
    }
  }

  /** What steps bill, of those that bill anything. */
  List<Bills> steps(Transaction tx, List<Revision> revisions) {
    return revisions.stream()
        .map(revision -> sources.bills(tx, revision))
        .filter(Bills::isSomething)
        .toList();
  }

  /** The steps' documents. */
  List<Draft> compose(Transaction tx, List<Bills> steps, Mode mode) {
    return compose(tx, steps, mode, new HashMap<>(), new ArrayList<>());
  }

  /**
   * The steps' documents.
   *
   * @param kept the ids of the drafts that billed the steps before and are gone: their successors
   *     are found under them
   * @param surplus takes up what is to be credited once they are final
   */
  List<Draft> compose(
      Transaction tx,
      List<Bills> steps,
      Mode mode,
      Map<RevisionKey, String> kept,
      List<UsageBack.Surplus> surplus) {
    if (steps.isEmpty()) {
      return List.of();
    }
    Supplier<Map<String, Instant>> clock = tx.ask(() -> now(tx, steps));
    Supplier<Map<String, TaxRates>> newest = tx.ask(() -> newestTaxes(tx, steps));
    Loading loading = new Loading(tx, sources, steps, mode);
    surplus.addAll(loading.surplus());
    Reduction.Rule discounts = loading.discounts();
    Map<String, Instant> now = clock.get();
    Map<String, TaxRates> taxes = newest.get();
    List<WaitingStore.One> waiting = Joining.waiting(tx, steps, mode);
    List<Draft> drafts = new ArrayList<>();
    List<Redemptions.Taken> taken = new ArrayList<>();
    steps.stream()
        .collect(Collectors.groupingBy(Head::of, LinkedHashMap::new, Collectors.toList()))
        .forEach(
            (of, together) -> {
              Instant at = now.getOrDefault(of.tenant(), of.at());
              Issue issue =
                  issue(id(together, kept), of, together, loading, at)
                      .taxedBy(Objects.requireNonNull(taxes.get(of.catalog())));
              Draft own = draft(of, together, loading, discounts, issue);
              if (own != null) {
                together.forEach(step -> taken.addAll(taken(step, own)));
              }
              Draft whole =
                  joining.joined(tx, own, issue, Joining.waitingFor(waiting, together), mode);
              if (whole != null) {
                boolean ofDay =
                    mode == Mode.FOR_GOOD
                        && issue.catalog().policies().grouping() == Policies.Grouping.DAY;
                drafts.add(ofDay ? whole.waiting(Draft.Waits.DAY) : whole);
              }
            });
    switch (mode) {
      case DRAFT, FOR_GOOD -> sources.discounts().took(tx, taken);
      case LOOK, AGAIN -> {
        // Nothing is billed.
      }
    }
    return drafts;
  }

  /**
   * The documents of steps that are not taken.
   *
   * @param surplus takes up what would be credited beside them
   */
  List<InvoiceDetails> look(
      Transaction tx, List<Revision> revisions, List<UsageBack.Surplus> surplus) {
    return compose(tx, steps(tx, revisions), Mode.LOOK, new HashMap<>(), surplus).stream()
        .filter(draft -> !draft.isSkipped())
        .map(Draft::details)
        .toList();
  }

  /** In which periods of a step's subscription coupons took something off. */
  static List<Redemptions.Taken> taken(Bills step, Draft draft) {
    Subscription is = step.revision().after();
    List<Redemptions.Taken> taken = new ArrayList<>();
    for (InvoiceLine line : draft.details().lines()) {
      if (line.charge() instanceof Charge.Discount && is.id().equals(line.subscription())) {
        Period period = line.period();
        boolean ended =
            period != null && RedeemedDiscounts.isEnded(period.end(), step.revision().at());
        Instant start = (ended ? step.previous() : is).current().start();
        taken.add(new Redemptions.Taken(is.tenant(), is.id(), line.charge().item(), start));
      }
    }
    return taken;
  }

  private Map<String, Instant> now(Transaction tx, List<Bills> steps) {
    return clocks == null
        ? Map.of()
        : clocks.now(
            tx, steps.stream().map(step -> step.revision().after().tenant()).distinct().toList());
  }

  /** What the newest version of each of the steps' catalogs says of taxes, by catalog. */
  private Map<String, TaxRates> newestTaxes(Transaction tx, List<Bills> steps) {
    return steps.stream()
        .map(step -> step.revision().after().catalog())
        .distinct()
        .collect(
            Collectors.toMap(
                Function.identity(), name -> sources.catalogs().newestTaxes(tx, name)));
  }

  private @Nullable Draft draft(
      Head head, List<Bills> together, Loading loading, Reduction.Rule discounts, Issue issue) {
    List<Bill> bills = new ArrayList<>();
    List<Draft.Claim> claims = new ArrayList<>();
    for (Bills step : together) {
      for (Bill bill : loading.bills(step)) {
        bills.add(bill);
        claims.add(claim(step.revision().after(), bill));
      }
    }
    return draft(head, issue, bills, claims, discounts);
  }

  private String id(List<Bills> together, Map<RevisionKey, String> kept) {
    for (Bills step : together) {
      String id = kept.get(step.revision().key());
      if (id != null) {
        kept.values().removeIf(id::equals);
        return id;
      }
    }
    return ids.next("inv");
  }

  private static Issue issue(
      String id, Head head, List<Bills> together, Loading loading, Instant now) {
    Catalog catalog = together.getLast().after();
    // A draft's grace does not make it late.
    Instant made = now.minus(Duration.ofHours(catalog.policies().draftHours()));
    return new Issue(id, loading.customer(head.tenant()), catalog, head.at(), made);
  }

  /** One document of some bills; null where they come to no line. */
  @Nullable Draft draft(
      Head head,
      Issue issue,
      List<Bill> bills,
      List<Draft.Claim> claims,
      Reduction.Rule discounts) {
    InvoiceDetails details = composition.compose(issue, bills, discounts);
    if (details == null) {
      return null;
    }
    return Draft.of(
        details,
        issue.catalog(),
        claims,
        head.at().plus(Duration.ofHours(issue.catalog().policies().draftHours())));
  }

  static Draft.Claim claim(Subscription subscription, Bill bill) {
    return new Draft.Claim(subscription.id(), bill.claim(), bill.start(), subscription.revision());
  }
}
