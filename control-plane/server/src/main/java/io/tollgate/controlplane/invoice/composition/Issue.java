package io.tollgate.controlplane.invoice.composition;

import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.catalog.TaxRates;
import io.tollgate.controlplane.invoice.Customer;
import io.tollgate.controlplane.tax.TaxRules;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Objects;

/**
 * Under which head an invoice is composed.
 *
 * @param id the invoice's id
 * @param customer who is billed
 * @param catalog whose seller and due day hold
 * @param taxes by which it is taxed
 * @param at the instant of what it bills
 * @param made when it is made, day 1 of document 002: after {@code at} where a subscription begins
 *     in the past. Numbers are given in that order, so that dates and numbers rise together
 */
public record Issue(
    String id, Customer customer, Catalog catalog, TaxRules taxes, Instant at, Instant made) {
  public Issue {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(at, "at");
    made = made.isBefore(at) ? at : made;
  }

  /** A document that is taxed by the catalog alone. */
  public Issue(String id, Customer customer, Catalog catalog, Instant at, Instant made) {
    this(id, customer, catalog, TaxRules.of(catalog.taxes()), at, made);
  }

  /** A document that is taxed by the catalog alone and made at its instant. */
  public Issue(String id, Customer customer, Catalog catalog, Instant at) {
    this(id, customer, catalog, at, at);
  }

  /** This, as it is taxed when the catalog's newest version has these rates. */
  public Issue taxedBy(TaxRates newest) {
    return new Issue(id, customer, catalog, new TaxRules(catalog.taxes(), newest), at, made);
  }

  /** The date of issue in the billing zone. */
  LocalDate issuedOn() {
    return LocalDate.ofInstant(made, customer.zone());
  }

  /** The due day: the date of issue is day 1. */
  LocalDate dueOn() {
    return issuedOn().plusDays(catalog.policies().dunning().dueDay() - 1L);
  }

  /** The start of the due day, never before the invoice was made. */
  Instant dueAt() {
    Instant start = dueOn().atStartOfDay(customer.zone()).toInstant();
    return start.isBefore(made) ? made : start;
  }
}
