package io.tollgate.controlplane.web;

import io.tollgate.controlplane.database.Database;
import io.tollgate.controlplane.database.Ids;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.yaml.Secret;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Bearer tokens: the ones the configuration brings, so that the first admin and the proxies can
 * begin, and the ones made over the API. Thread-safe.
 */
public final class Tokens implements Room {
  private static final String PATH = "/api/billing/tokens";

  private final Database database;
  private final InstantSource clock;
  private final Ids ids;
  private final SecureRandom random;
  private final TokenWatch watch;
  private final Map<String, Principal> configured = new HashMap<>();
  private BiPredicate<Transaction, String> tenants = (tx, id) -> true;

  /**
   * A token of the configuration.
   *
   * @param role any but {@link Role#TENANT}
   */
  public record Configured(Role role, Secret secret) {}

  /** What making a token answers: the only time its secret is seen. */
  record Made(Token token, String secret) {}

  /** Tokens kept in the database. */
  public Tokens(
      Database database, InstantSource clock, Ids ids, SecureRandom random, TokenWatch watch) {
    this.database = database;
    this.clock = clock;
    this.ids = ids;
    this.random = random;
    this.watch = watch;
  }

  /** Says which tenants there are. Before the server starts. */
  public void refuseUnknown(BiPredicate<Transaction, String> known) {
    tenants = known;
  }

  /** Adds the configuration's tokens. Before the server starts. */
  public void configure(Iterable<Configured> tokens) {
    int number = 0;
    for (Configured token : tokens) {
      String id = "configured-" + token.role().name().toLowerCase(Locale.ROOT) + "-" + number++;
      configured.put(Hashes.sha256(token.secret().reveal()), new Principal(id, token.role(), null));
    }
  }

  /** Who a bearer token names; empty for an unknown or revoked one. Blocks. */
  public Optional<Principal> principal(String bearer) {
    String sha256 = Hashes.sha256(bearer);
    Principal known = configured.get(sha256);
    if (known != null) {
      return Optional.of(known);
    }
    return database
        .inTransaction(tx -> TokenStore.byHash(tx, sha256))
        .map(token -> new Principal(token.id(), token.role(), token.tenant()));
  }

  @Override
  public void mount(Routes routes) {
    routes.post(PATH, Role.ADMINS, this::make);
    routes
        .get(
            PATH,
            Role.ADMINS,
            (call, tx) -> {
              PageRequest page = call.page();
              return Reply.ok(Page.of(TokenStore.page(tx, page), page, Token::id));
            })
        .paged();
    routes.delete(PATH + "/{id}", Role.ADMINS, this::revoke);
  }

  private Reply make(Call call, Transaction tx) {
    JsonFields fields = call.fields();
    Role role = fields.oneOf("role", Role.class);
    String name = fields.text("name");
    @Nullable String tenant = fields.findText("tenant").orElse(null);
    fields.close();
    if ((role == Role.TENANT) != (tenant != null)) {
      throw fields.wrong("tenant", "is for the role TENANT, which needs it, and for no other");
    }
    if (tenant != null && !tenants.test(tx, tenant)) {
      throw fields.wrong("tenant", "there is no tenant " + tenant);
    }
    Token token = new Token(ids.next("tok"), role, tenant, name, clock.instant(), null);
    String secret = Hashes.newCredential("tgt", random);
    TokenStore.insert(tx, token, Hashes.sha256(secret));
    watch.changed(tx, call.principal(), "token.created", token);
    return Reply.created(PATH + "/" + token.id(), new Made(token, secret)).secret();
  }

  private Reply revoke(Call call, Transaction tx) {
    String id = call.path("id");
    Token token =
        TokenStore.revoke(tx, id, clock.instant()).orElseThrow(() -> Problem.notFound("token", id));
    watch.changed(tx, call.principal(), "token.revoked", token);
    return Reply.noContent();
  }
}
