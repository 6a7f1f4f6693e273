package io.tollgate.controlplane.payment;

import io.tollgate.controlplane.database.Database;
import io.tollgate.controlplane.database.Json;
import io.tollgate.controlplane.invoice.Invoices;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Open invoices for the rooms after the invoice room: its own finalization of a bare draft. */
public final class TestInvoices {
  private static final ZoneId INDIA = ZoneId.of("Asia/Kolkata");
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private TestInvoices() {}

  /** Makes an open invoice over an amount in INR for a subscription and returns its id. */
  public static String open(
      Database database,
      Invoices invoices,
      String tenant,
      String subscription,
      String amount,
      Instant issuedAt) {
    String id = "inv_%06d".formatted(NUMBER.incrementAndGet());
    LocalDate day = LocalDate.ofInstant(issuedAt, INDIA);
    return database.inTransaction(
        tx -> {
          tx.execute(
              "INSERT INTO invoices (id, tenant, kind, status, series, subscriptions,"
                  + " period_start, period_end, issued_at, issued_on, due_at, due_on, currency,"
                  + " subtotal, tax, total, print)"
                  + " VALUES ($1, $2, 'INVOICE', 'DRAFT', 'test/INV', $3, $4, $5, $4, $6, $7, $8,"
                  + " 'INR', $9, 0, $9, $10)",
              id,
              tenant,
              new String[] {subscription},
              issuedAt,
              issuedAt.plusSeconds(86_400L * 30),
              day,
              day.plusDays(6).atStartOfDay(INDIA).toInstant(),
              day.plusDays(6),
              new BigDecimal(amount),
              new Json("{}"));
          invoices.makeFinal(tx, List.of(id));
          return id;
        });
  }
}
