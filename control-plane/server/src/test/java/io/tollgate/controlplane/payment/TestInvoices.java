package io.tollgate.controlplane.payment;

import io.tollgate.controlplane.database.Database;
import io.tollgate.controlplane.database.Json;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicInteger;

/** Final, open invoices, as the invoice room leaves them, for the rooms after it. */
public final class TestInvoices {
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private TestInvoices() {}

  /** Stores an open invoice over an amount in INR for a subscription and returns its id. */
  public static String open(
      Database database, String tenant, String subscription, String amount, Instant issuedAt) {
    int number = NUMBER.incrementAndGet();
    String id = "inv_%06d".formatted(number);
    LocalDate day = LocalDate.ofInstant(issuedAt, ZoneOffset.UTC);
    return database.inTransaction(
        tx -> {
          tx.execute(
              "INSERT INTO invoices (id, tenant, kind, status, series, ordinal, number,"
                  + " subscriptions, period_start, period_end, issued_at, issued_on, due_at,"
                  + " due_on, currency, subtotal, tax, total, print)"
                  + " VALUES ($1, $2, 'INVOICE', 'OPEN', 'test', $3, $4, $5, $6, $7, $6, $8, $9,"
                  + " $10, 'INR', $11, 0, $11, $12)",
              id,
              tenant,
              (long) number,
              "INV-%04d".formatted(number),
              new String[] {subscription},
              issuedAt,
              issuedAt.plusSeconds(86_400L * 30),
              day,
              day.plusDays(6).atStartOfDay(ZoneOffset.UTC).toInstant(),
              day.plusDays(6),
              new BigDecimal(amount),
              new Json("{}"));
          return id;
        });
  }
}
