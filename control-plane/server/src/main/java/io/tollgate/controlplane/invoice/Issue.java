package io.tollgate.controlplane.invoice;

import io.tollgate.controlplane.catalog.Catalog;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Objects;

/**
 * Under which head an invoice is composed.
 *
 * @param id the invoice's id
 * @param customer who is billed
 * @param catalog whose seller, taxes and due day hold
 * @param at the invoice's instant, day 1 of document 002
 */
public record Issue(String id, Customer customer, Catalog catalog, Instant at) {
  public Issue {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(at, "at");
  }

  /** The date of issue in the billing zone. */
  LocalDate issuedOn() {
    return LocalDate.ofInstant(at, customer.zone());
  }

  /** The due day: the date of issue is day 1. */
  LocalDate dueOn() {
    return issuedOn().plusDays(catalog.policies().dunning().dueDay() - 1L);
  }

  /** The start of the due day, never before the invoice's instant. */
  Instant dueAt() {
    Instant start = dueOn().atStartOfDay(customer.zone()).toInstant();
    return start.isBefore(at) ? at : start;
  }
}
