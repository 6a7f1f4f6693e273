package io.tollgate.controlplane.web;

import io.tollgate.controlplane.database.Row;
import io.tollgate.controlplane.database.Transaction;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The SQL of tokens. */
final class TokenStore {
  private static final String COLUMNS = "id, role, tenant, name, created_at, revoked_at";

  private TokenStore() {}

  static void insert(Transaction tx, Token token, String sha256) {
    tx.execute(
        "INSERT INTO tokens (id, role, tenant, name, sha256, created_at)"
            + " VALUES ($1, $2, $3, $4, $5, $6)",
        token.id(),
        token.role(),
        token.tenant(),
        token.name(),
        sha256,
        token.createdAt());
  }

  static Optional<Token> byHash(Transaction tx, String sha256) {
    return tx.first(
        "SELECT " + COLUMNS + " FROM tokens WHERE sha256 = $1 AND revoked_at IS NULL",
        TokenStore::token,
        sha256);
  }

  static Optional<Token> revoke(Transaction tx, String id, Instant at) {
    return tx.first(
        "UPDATE tokens SET revoked_at = coalesce(revoked_at, $2) WHERE id = $1 RETURNING "
            + COLUMNS,
        TokenStore::token,
        id,
        at);
  }

  static List<Token> page(Transaction tx, PageRequest page) {
    return tx.list(
        "SELECT " + COLUMNS + " FROM tokens WHERE id > $1 ORDER BY id LIMIT $2",
        TokenStore::token,
        page.after() == null ? "" : page.after(),
        page.fetch());
  }

  private static Token token(Row row) {
    return new Token(
        row.text("id"),
        Role.valueOf(row.text("role")),
        row.findText("tenant"),
        row.text("name"),
        row.instant("created_at"),
        row.findInstant("revoked_at"));
  }
}
