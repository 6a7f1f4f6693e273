package io.tollgate.controlplane.web;

import com.fasterxml.jackson.core.type.TypeReference;
import io.tollgate.controlplane.database.Database;
import io.tollgate.controlplane.database.Row;
import io.tollgate.controlplane.database.Transaction;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * {@code Idempotency-Key}: the reply to a POST is stored with its effect, and the same key gets it
 * again. The same key with another request is 422, one still at work 409 (IETF
 * draft-ietf-httpapi-idempotency-key-header). A failed POST stores nothing and may be tried again.
 */
final class Idempotency {
  /** How long a claim without a reply holds: its process must be dead by then. */
  private static final Duration CLAIM = Duration.ofMinutes(10);

  private static final int LONGEST = 255;

  private final Database database;
  private final InstantSource clock;

  Idempotency(Database database, InstantSource clock) {
    this.database = database;
    this.clock = clock;
  }

  private record Stored(
      String fingerprint,
      @Nullable Integer status,
      @Nullable String headers,
      @Nullable Buffer body,
      boolean stale) {}

  /** The call's key; empty where it has none or is no POST. */
  static Optional<String> key(Call call) {
    if (!call.method().equals("POST")) {
      return Optional.empty();
    }
    Optional<String> key = call.header("Idempotency-Key");
    if (key.isPresent() && (key.get().isBlank() || key.get().length() > LONGEST)) {
      throw Problem.malformed("Idempotency-Key must have 1 to " + LONGEST + " characters");
    }
    return key;
  }

  /** Runs work whose effect is in this transaction, or gives the reply it gave before. */
  Reply inTransaction(Transaction tx, Call call, String key, Supplier<Reply> work) {
    String name = call.principal().id();
    boolean free =
        tx.one(
            "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 7)) AS free",
            row -> row.bool("free"),
            name + "\n" + key);
    if (!free) {
      throw atWork();
    }
    Optional<Stored> stored = find(tx, name, key);
    if (stored.isPresent() && !stored.get().stale()) {
      return replay(stored.get(), call, key);
    }
    Reply reply = work.get();
    tx.execute(
        "INSERT INTO idempotency (principal, key, fingerprint, created_at)"
            + " VALUES ($1, $2, $3, $4) ON CONFLICT (principal, key)"
            + " DO UPDATE SET fingerprint = $3, created_at = $4",
        name,
        key,
        fingerprint(call),
        clock.instant());
    store(tx, call, key, reply);
    return reply;
  }

  /** Runs work that has its own transactions: claimed before, stored after. */
  Reply around(Call call, String key, Supplier<Reply> work) {
    Optional<Stored> before = database.inTransaction(tx -> claim(tx, call, key));
    if (before.isPresent()) {
      return replay(before.get(), call, key);
    }
    Reply reply;
    try {
      reply = work.get();
    } catch (RuntimeException | Error e) {
      database.inTransaction(
          tx ->
              tx.execute(
                  "DELETE FROM idempotency WHERE principal = $1 AND key = $2 AND status IS NULL",
                  call.principal().id(),
                  key));
      throw e;
    }
    Reply done = reply;
    database.inTransaction(
        tx -> {
          store(tx, call, key, done);
          return true;
        });
    return reply;
  }

  private Optional<Stored> claim(Transaction tx, Call call, String key) {
    String name = call.principal().id();
    int claimed =
        tx.execute(
            "INSERT INTO idempotency (principal, key, fingerprint, created_at)"
                + " VALUES ($1, $2, $3, $4) ON CONFLICT (principal, key) DO UPDATE"
                + " SET fingerprint = $3, created_at = $4"
                + " WHERE idempotency.status IS NULL AND idempotency.created_at < $5",
            name,
            key,
            fingerprint(call),
            clock.instant(),
            clock.instant().minus(CLAIM));
    return claimed == 1 ? Optional.empty() : find(tx, name, key);
  }

  private Optional<Stored> find(Transaction tx, String principal, String key) {
    return tx.first(
        "SELECT fingerprint, status, headers::text AS headers, body, created_at < $3 AS stale"
            + " FROM idempotency WHERE principal = $1 AND key = $2",
        Idempotency::stored,
        principal,
        key,
        clock.instant().minus(CLAIM));
  }

  private static Stored stored(Row row) {
    Long status = row.findWhole("status");
    return new Stored(
        row.text("fingerprint"),
        status == null ? null : Math.toIntExact(status),
        row.findText("headers"),
        body(row),
        status == null && row.bool("stale"));
  }

  private static @Nullable Buffer body(Row row) {
    byte[] bytes = row.findBytes("body");
    return bytes == null ? null : Buffer.buffer(bytes);
  }

  private static void store(Transaction tx, Call call, String key, Reply reply) {
    byte[] clear = reply.body().getBytes();
    byte[] body = reply.confidential() ? Sealed.seal(secret(call, key), clear) : clear;
    tx.execute(
        "UPDATE idempotency SET status = $3, headers = $4, body = $5"
            + " WHERE principal = $1 AND key = $2",
        call.principal().id(),
        key,
        reply.status() + (reply.confidential() ? 1000 : 0),
        Wire.document(reply.headers()),
        body);
  }

  private static Reply replay(Stored stored, Call call, String key) {
    if (!stored.fingerprint().equals(fingerprint(call))) {
      throw new Problem(
          422,
          "idempotency-key-reused",
          "Idempotency key reused",
          "this Idempotency-Key came with another request before; take a new one");
    }
    if (stored.status() == null || stored.headers() == null || stored.body() == null) {
      throw atWork();
    }
    boolean confidential = stored.status() > 1000;
    Buffer body =
        confidential
            ? Buffer.buffer(Sealed.open(secret(call, key), stored.body().getBytes()))
            : stored.body();
    try {
      Map<String, String> headers =
          Wire.mapper().readValue(stored.headers(), new TypeReference<Map<String, String>>() {});
      return new Reply(stored.status() % 1000, headers, body, confidential)
          .header("Idempotency-Replayed", "true");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Known to whoever holds both the token and the key, and not to who reads the table. */
  private static byte[] secret(Call call, String key) {
    String token = call.header("Authorization").orElse("");
    return Hashes.digest((token + "\n" + key).getBytes(StandardCharsets.UTF_8));
  }

  private static Problem atWork() {
    return new Problem(
            409,
            "idempotency-in-progress",
            "Request in progress",
            "a request with this Idempotency-Key is still at work; ask again later")
        .header("Retry-After", "1");
  }

  private static String fingerprint(Call call) {
    byte[] head = (call.method() + " " + call.uri() + "\n").getBytes(StandardCharsets.UTF_8);
    byte[] all = new byte[head.length + call.bytes().length];
    System.arraycopy(head, 0, all, 0, head.length);
    System.arraycopy(call.bytes(), 0, all, head.length, call.bytes().length);
    return HexFormat.of().formatHex(Hashes.digest(all));
  }
}
