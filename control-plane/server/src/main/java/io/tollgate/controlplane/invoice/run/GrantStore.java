package io.tollgate.controlplane.invoice.run;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.database.Row;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.database.Unnest;
import io.tollgate.controlplane.discount.Redemptions;
import io.tollgate.controlplane.invoice.run.Discounts.Granted;
import io.tollgate.controlplane.rating.Fees;
import io.tollgate.controlplane.rating.Share;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.SubscriptionItem;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * What earlier invoices of a period have used of its coupons. An amount is granted once a period;
 * what was taken off an item that ended inside the period counts for the part that was used.
 */
final class GrantStore {
  private static final String QUERY =
      """
      SELECT q.subscription, q.first, l.source, l.item AS coupon, -l.amount AS off, l.granted,
        t.kind IN ('BASE_FEE', 'ADD_ON', 'PRORATION_CHARGE') AS credited,
        t.tax AS tax, t.amount + (SELECT sum(d.amount) FROM invoice_lines d
          WHERE d.invoice = l.invoice AND d.of_position = l.of_position) AS net,
        l.period_start, l.period_end, i.currency
      FROM %s AS q (subscription, first, at, but)
      JOIN invoice_lines l ON l.subscription = q.subscription AND l.period_end > q.first
        AND l.kind = 'DISCOUNT'
      JOIN invoice_lines t ON t.invoice = l.invoice AND t.position = l.of_position
      JOIN invoices i ON i.id = l.invoice AND i.status <> 'VOID'
        AND i.issued_at >= q.first AND i.issued_at <= q.at AND (q.but IS NULL OR i.id <> q.but)
      """;

  private static final String MANY =
      QUERY.formatted("unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::text[])");

  /** For one step the plan is the same for all, and need not be made anew each time. */
  private static final String ONE =
      QUERY.formatted("(SELECT $1::text, $2::timestamptz, $3::timestamptz, $4::text)");

  private GrantStore() {}

  /**
   * A step in a period or at its end.
   *
   * @param of the period
   * @param but the invoice that billed it; null where it is yet to be billed
   * @param until of the documents made up to when
   */
  record Asked(Bills step, Granted of, @Nullable String but, Instant until) {
    Asked(Bills step, Granted of, @Nullable String but) {
      this(step, of, but, step.revision().at());
    }
  }

  /**
   * What coupons took off a line of usage, and the line's key.
   *
   * @param period the line's
   * @param title the coupon's, for people
   * @param amount in the same terms of tax as prices
   * @param issued when the document was made
   */
  record Taken(
      Period period, String line, String coupon, String title, Money amount, Instant issued) {}

  /** What coupons took off a subscription's usage of a period, and off its minimum. */
  static List<Taken> taken(Transaction tx, Subscription of, Period period) {
    return tx.list(
        "SELECT t.item AS line, l.item AS coupon, l.description AS title, i.currency, i.issued_at,"
            + " coalesce(l.granted, -l.amount) AS off FROM invoice_lines l JOIN invoice_lines t ON"
            + " t.invoice = l.invoice AND t.position = l.of_position AND (t.meter IS NOT NULL OR"
            + " t.item = $4) JOIN invoices i ON i.id = l.invoice AND i.status <> 'VOID' WHERE"
            + " l.subscription = $1 AND l.kind = 'DISCOUNT' AND l.period_start = $2 AND"
            + " l.period_end = $3",
        row ->
            new Taken(
                period,
                row.text("line"),
                row.text("coupon"),
                row.text("title"),
                Money.of(CurrencyUnit.of(row.text("currency")), row.decimal("off")),
                row.instant("issued_at")),
        of.id(),
        period.start(),
        period.end(),
        Fees.MINIMUM);
  }

  private record Used(
      Granted of,
      @Nullable String source,
      String coupon,
      BigDecimal off,
      @Nullable BigDecimal granted,
      boolean credited,
      BigDecimal net,
      BigDecimal tax,
      Period period,
      CurrencyUnit currency) {
    /**
     * In the same terms of tax as the catalog's prices and coupons; not rounded. Reckoned back from
     * the net where an older version did not keep it.
     */
    BigDecimal inTermsOf(boolean inclusive) {
      if (granted != null) {
        return granted;
      }
      return inclusive && net.signum() > 0
          ? off.multiply(net.add(tax)).divide(net, MathContext.DECIMAL64)
          : off;
    }
  }

  /** By period and coupon, what is used; with one query. */
  static Map<Granted, Map<String, Money>> used(Transaction tx, List<Asked> questions) {
    Map<Granted, Map<String, Money>> answers = new HashMap<>();
    if (questions.isEmpty()) {
      return answers;
    }
    Map<Granted, Bills> steps = new HashMap<>();
    questions.forEach(asked -> steps.put(asked.of(), asked.step()));
    found(tx, questions)
        .forEach(
            used -> {
              Bills step = steps.get(used.of());
              if (step != null) {
                answers
                    .computeIfAbsent(used.of(), of -> new HashMap<>())
                    .merge(used.coupon(), kept(step, used), Money::plus);
              }
            });
    return answers;
  }

  /** By subscription with a line to take off, the codes of coupons that took something off. */
  static Map<String, Set<String>> took(Transaction tx, Collection<String> invoices) {
    Map<String, Set<String>> took = new HashMap<>();
    tx.list(
        "SELECT DISTINCT subscription, CASE WHEN kind = 'DISCOUNT' THEN item END AS code"
            + " FROM invoice_lines WHERE invoice = ANY ($1::text[]) AND subscription IS NOT NULL"
            + " AND (kind = 'DISCOUNT' OR amount > 0)",
        row -> {
          Set<String> codes =
              took.computeIfAbsent(row.text("subscription"), subscription -> new HashSet<>());
          String code = row.findText("code");
          return code == null || codes.add(code);
        },
        (Object) invoices.stream().distinct().toArray(String[]::new));
    return took;
  }

  /**
   * A line that a coupon lowered.
   *
   * @param gone whether it is on one of the invoices asked about
   */
  record Lowered(Redemptions.Line line, boolean gone) {}

  /**
   * The lines of some invoices that coupons lowered, and those that the same coupons lower of the
   * same subscriptions on others that are not void; with one query.
   */
  static List<Lowered> lowered(Transaction tx, List<String> invoices) {
    return tx.list(
        "SELECT l.subscription, l.item AS code, l.period_start, l.invoice = ANY ($1::text[]) AS"
            + " gone FROM (SELECT DISTINCT subscription, item FROM invoice_lines WHERE invoice ="
            + " ANY ($1::text[]) AND kind = 'DISCOUNT') AS q JOIN invoice_lines l ON l.subscription"
            + " = q.subscription AND l.item = q.item AND l.kind = 'DISCOUNT' JOIN invoices i ON"
            + " i.id = l.invoice AND (i.status <> 'VOID' OR i.id = ANY ($1::text[]))",
        row ->
            new Lowered(
                new Redemptions.Line(
                    row.text("subscription"), row.text("code"), row.instant("period_start")),
                row.bool("gone")),
        (Object) invoices.toArray(String[]::new));
  }

  private static List<Used> found(Transaction tx, List<Asked> questions) {
    if (questions.size() == 1) {
      Asked one = questions.getFirst();
      return tx.list(
          ONE, GrantStore::used, is(one.step()).id(), one.of().start(), one.until(), one.but());
    }
    return tx.list(
        MANY,
        GrantStore::used,
        Unnest.texts(questions, asked -> is(asked.step()).id()),
        Unnest.instants(questions, asked -> asked.of().start()),
        Unnest.instants(questions, Asked::until),
        Unnest.texts(questions, Asked::but));
  }

  /**
   * What of a discount was for the time in which its item was in force: in arrears all of it, as
   * nothing is charged for another.
   */
  private static Money kept(Bills step, Used used) {
    BigDecimal off = used.inTermsOf(step.before().taxes().inclusive());
    Fees fees = new Fees(step.before(), step.previous());
    // The last of an item that a migration carried on.
    Share left =
        is(step).items().stream()
            .filter(item -> used.credited() && isOf(item, used.source()))
            .reduce((earlier, later) -> later)
            .filter(item -> item.until() != null && !step.isInArrears(item))
            .map(item -> fees.left(item, Objects.requireNonNull(item.until()), used.period()))
            .orElse(Share.NOTHING);
    return left.rest().of(off, used.currency());
  }

  private static boolean isOf(SubscriptionItem item, @Nullable String source) {
    return source != null && (item.id().equals(source) || item.joined().contains(source));
  }

  private static Subscription is(Bills step) {
    return step.revision().after();
  }

  private static Used used(Row row) {
    return new Used(
        new Granted(row.text("subscription"), row.instant("first")),
        row.findText("source"),
        row.text("coupon"),
        row.decimal("off"),
        row.findDecimal("granted"),
        row.bool("credited"),
        row.decimal("net"),
        row.decimal("tax"),
        new Period(row.instant("period_start"), row.instant("period_end")),
        CurrencyUnit.of(row.text("currency")));
  }
}
