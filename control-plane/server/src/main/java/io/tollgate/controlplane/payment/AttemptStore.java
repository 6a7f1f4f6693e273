package io.tollgate.controlplane.payment;

import io.tollgate.controlplane.database.Row;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.database.Unnest;
import io.tollgate.controlplane.money.Amounts;
import io.tollgate.controlplane.web.PageRequest;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/** All SQL of the room. */
final class AttemptStore {
  private static final String SELECT = "SELECT * FROM payment_attempts ";

  void insert(Transaction tx, Attempt attempt, @Nullable Instant sentUntil) {
    tx.execute(
        "INSERT INTO payment_attempts (id, tenant, invoice, provider, kind, state, number,"
            + " currency, amount, reference, code, message, pay_at, refunds, actor, created_at,"
            + " settled_at, sent_until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,"
            + " $12, $13, $14, $15, $16, $17, $18)",
        attempt.id(),
        attempt.tenant(),
        attempt.invoice(),
        attempt.provider(),
        attempt.kind(),
        attempt.state(),
        attempt.number(),
        attempt.amount().getCurrencyUnit().getCode(),
        attempt.amount().getAmount(),
        attempt.answer().reference(),
        attempt.answer().code(),
        attempt.answer().message(),
        attempt.answer().payAt(),
        attempt.refunds(),
        attempt.actor(),
        attempt.createdAt(),
        attempt.answer().settledAt(),
        sentUntil);
  }

  /** Stores attempts that are answered already, with one statement. */
  void insertAll(Transaction tx, List<Attempt> attempts) {
    if (attempts.isEmpty()) {
      return;
    }
    tx.execute(
        "INSERT INTO payment_attempts (id, tenant, invoice, provider, kind, state, number,"
            + " currency, amount, reference, message, actor, created_at)"
            + " SELECT id, tenant, invoice, provider, kind, state, number, currency,"
            + " amount::numeric, reference, message, actor, created_at"
            + " FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],"
            + " $7::int[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[],"
            + " $13::timestamptz[]) AS a (id, tenant, invoice, provider, kind, state, number,"
            + " currency, amount, reference, message, actor, created_at)",
        Unnest.texts(attempts, Attempt::id),
        Unnest.texts(attempts, Attempt::tenant),
        Unnest.texts(attempts, Attempt::invoice),
        Unnest.texts(attempts, Attempt::provider),
        Unnest.texts(attempts, attempt -> attempt.kind().name()),
        Unnest.texts(attempts, attempt -> attempt.state().name()),
        attempts.stream().map(Attempt::number).toArray(Integer[]::new),
        Unnest.texts(attempts, attempt -> attempt.amount().getCurrencyUnit().getCode()),
        Unnest.texts(attempts, attempt -> attempt.amount().getAmount().toPlainString()),
        Unnest.texts(attempts, attempt -> attempt.answer().reference()),
        Unnest.texts(attempts, attempt -> attempt.answer().message()),
        Unnest.texts(attempts, Attempt::actor),
        attempts.stream().map(Attempt::createdAt).toArray(Instant[]::new));
  }

  /** How often an invoice was to be collected, and whether somebody is being asked right now. */
  record Earlier(int count, boolean underWay) {}

  /** By invoice, the attempts to collect it; none for none. */
  Map<String, Earlier> earlier(Transaction tx, Collection<String> invoices) {
    Map<String, Earlier> earlier = new HashMap<>();
    tx.list(
        "SELECT invoice, count(*) AS times, bool_or(state = 'SENT') AS under_way"
            + " FROM payment_attempts WHERE invoice = ANY ($1::text[]) AND kind = 'COLLECTION'"
            + " GROUP BY invoice",
        row ->
            earlier.put(
                row.text("invoice"),
                new Earlier(Math.toIntExact(row.whole("times")), row.bool("under_way"))),
        (Object) invoices.toArray(String[]::new));
    return earlier;
  }

  /** By tenant, the provider it chose; none for those that did not. */
  Map<String, String> providers(Transaction tx, Collection<String> tenants) {
    Map<String, String> providers = new HashMap<>();
    tx.list(
        "SELECT tenant, provider FROM payment_methods WHERE tenant = ANY ($1::text[])",
        row -> providers.put(row.text("tenant"), row.text("provider")),
        (Object) tenants.toArray(String[]::new));
    return providers;
  }

  /** Writes how an attempt stands; one that is settled stays so. Whether anything changed. */
  boolean update(Transaction tx, Attempt attempt) {
    return tx.execute(
            "UPDATE payment_attempts SET state = $2, reference = coalesce($3, reference),"
                + " code = $4, message = $5, pay_at = $6, settled_at = $7,"
                + " sent_until = NULL WHERE id = $1 AND state <> 'SETTLED'",
            attempt.id(),
            attempt.state(),
            attempt.answer().reference(),
            attempt.answer().code(),
            attempt.answer().message(),
            attempt.answer().payAt(),
            attempt.answer().settledAt())
        > 0;
  }

  /** Gives up attempts whose answer never came and cannot come any more. */
  void abandon(Transaction tx, String invoice, Instant now) {
    tx.execute(
        "UPDATE payment_attempts SET state = 'UNAVAILABLE', sent_until = NULL,"
            + " message = 'no answer was recorded' WHERE invoice = $1 AND kind = 'COLLECTION'"
            + " AND state = 'SENT' AND sent_until < $2",
        invoice,
        now);
  }

  Optional<Attempt> find(Transaction tx, String id) {
    return tx.first(SELECT + "WHERE id = $1", AttemptStore::attempt, id);
  }

  Optional<Attempt> lock(Transaction tx, String id) {
    return tx.first(SELECT + "WHERE id = $1 FOR UPDATE", AttemptStore::attempt, id);
  }

  List<Attempt> ofInvoice(Transaction tx, String invoice) {
    return tx.list(SELECT + "WHERE invoice = $1 ORDER BY id", AttemptStore::attempt, invoice);
  }

  List<Attempt> ofTenant(Transaction tx, String tenant) {
    return tx.list(SELECT + "WHERE tenant = $1 ORDER BY id", AttemptStore::attempt, tenant);
  }

  List<Attempt> page(Transaction tx, @Nullable String tenant, PageRequest page) {
    return tx.list(
        SELECT
            + "WHERE ($1::text IS NULL OR tenant = $1) AND ($2::text IS NULL OR id < $2)"
            + " ORDER BY id DESC LIMIT $3",
        AttemptStore::attempt,
        tenant,
        page.after(),
        page.fetch());
  }

  /** How many attempts to collect each of some tenants' invoices were declined. */
  List<Declined> declined(Transaction tx, Collection<String> tenants) {
    return tx.list(
        "SELECT invoice, count(*) AS times FROM payment_attempts WHERE tenant = ANY ($1::text[])"
            + " AND kind = 'COLLECTION' AND state = 'DECLINED' GROUP BY invoice",
        row -> new Declined(row.text("invoice"), row.integer("times")),
        (Object) tenants.toArray(String[]::new));
  }

  /** An invoice and how often it was declined. */
  record Declined(String invoice, int times) {}

  /** What refunds, settled or under way, have taken of an attempt. */
  Money refunded(Transaction tx, Attempt attempt) {
    return tx.one(
        "SELECT coalesce(sum(amount), 0) AS amount FROM payment_attempts WHERE refunds = $1"
            + " AND state <> 'DECLINED'",
        row -> Money.of(attempt.amount().getCurrencyUnit(), row.decimal("amount")),
        attempt.id());
  }

  Optional<PaymentMethod> method(Transaction tx, String tenant) {
    return tx.first(
        "SELECT provider, customer FROM payment_methods WHERE tenant = $1",
        row -> new PaymentMethod(row.text("provider"), row.findText("customer")),
        tenant);
  }

  void setMethod(Transaction tx, String tenant, PaymentMethod method) {
    tx.execute(
        "INSERT INTO payment_methods (tenant, provider, customer) VALUES ($1, $2, $3)"
            + " ON CONFLICT (tenant) DO UPDATE SET provider = $2, customer = $3",
        tenant,
        method.provider(),
        method.customer());
  }

  /** Notes an event; false if it was noted before. */
  boolean note(Transaction tx, String provider, String event, Instant at) {
    return tx.execute(
            "INSERT INTO payment_events (provider, event, received_at) VALUES ($1, $2, $3)"
                + " ON CONFLICT DO NOTHING",
            provider,
            event,
            at)
        > 0;
  }

  boolean isNoted(Transaction tx, String provider, String event) {
    return tx.first(
            "SELECT 1 AS one FROM payment_events WHERE provider = $1 AND event = $2",
            row -> row.whole("one"),
            provider,
            event)
        .isPresent();
  }

  private static Attempt attempt(Row row) {
    return new Attempt(
        row.text("id"),
        row.text("tenant"),
        row.text("invoice"),
        row.text("provider"),
        Attempt.Kind.valueOf(row.text("kind")),
        row.integer("number"),
        Amounts.exact(row.decimal("amount"), row.text("currency")),
        new Attempt.Answer(
            Attempt.State.valueOf(row.text("state")),
            row.findText("reference"),
            row.findText("code"),
            row.findText("message"),
            row.findText("pay_at"),
            row.findInstant("settled_at")),
        row.findText("refunds"),
        row.text("actor"),
        row.instant("created_at"));
  }
}
