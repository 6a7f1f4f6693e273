package io.tollgate.proxy.tenant;

import io.tollgate.proxy.config.Identification;
import io.tollgate.proxy.config.IdentitySource;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * From a request to whose it is. The first credential that is present decides: a wrong key in the
 * first place does not fall through to a right one in the second. Thread-safe.
 */
public final class TenantResolver implements AutoCloseable {
  private static final Identity NO_CREDENTIAL =
      new Identity.Unknown("the request carries no credential");
  private static final Identity MALFORMED = new Identity.Unknown("the credential is malformed");

  private final CredentialReader[] readers;
  private final Identity withoutCredential;
  private final KeyDirectory keys;
  private final @Nullable Tokens tokens;

  private TenantResolver(
      Identification settings, CallView view, KeyDirectory keys, @Nullable Tokens tokens) {
    this.readers = CredentialReader.of(settings, view).toArray(CredentialReader[]::new);
    this.withoutCredential =
        settings.anonymousTenant().isEmpty()
            ? NO_CREDENTIAL
            : new Identity.Known(settings.anonymousTenant(), "anonymous");
    this.keys = keys;
    this.tokens = tokens;
  }

  /**
   * A resolver. Where tokens are expected, it begins to fetch their issuers' keys; it needs none of
   * them to come up.
   *
   * @param vertx whose event loops do the work
   * @param settings where credentials stand
   * @param view what a call says of itself
   * @param keys whose keys are whose
   * @param shelf where issuers' keys are kept
   * @param clock the wall clock, for tokens
   */
  public static TenantResolver open(
      Vertx vertx,
      Identification settings,
      CallView view,
      KeyDirectory keys,
      KeyShelf shelf,
      InstantSource clock) {
    List<IdentitySource.Jwt> issuers =
        settings.sources().stream()
            .filter(IdentitySource.Jwt.class::isInstance)
            .map(IdentitySource.Jwt.class::cast)
            .toList();
    Tokens tokens =
        issuers.isEmpty() ? null : new Tokens(vertx, issuers, settings.cacheSize(), shelf, clock);
    return new TenantResolver(settings, view, keys, tokens);
  }

  /**
   * The answer where it is known here and now: no I/O, and no allocation for a known API key in a
   * header. Null where only {@link #resolve} can tell.
   */
  public @Nullable Identity resolveNow(HttpServerRequest request) {
    Credential credential = read(request);
    if (credential == null) {
      return withoutCredential;
    }
    return switch (credential) {
      case ApiKey key -> keys.find(key);
      case Token token -> tokens == null ? MALFORMED : tokens.find(token);
      case Credential.Named named -> named.identity();
      case Credential.Malformed malformed -> MALFORMED;
    };
  }

  /** The answer, asking the control plane or an issuer where need be. Never fails. */
  public Future<Identity> resolve(HttpServerRequest request) {
    Credential credential = read(request);
    return switch (credential) {
      case null -> Future.succeededFuture(withoutCredential);
      case ApiKey key -> {
        Identity now = keys.find(key);
        yield now == null ? keys.load(key.copy()) : Future.succeededFuture(now);
      }
      case Token token -> tokens == null ? Future.succeededFuture(MALFORMED) : tokens.verify(token);
      case Credential.Named named -> Future.succeededFuture(named.identity());
      case Credential.Malformed malformed -> Future.succeededFuture(MALFORMED);
    };
  }

  /**
   * Which place decides about a request: to be asked before its fields are changed.
   *
   * @return for {@link #strip}; -1 where none holds anything
   */
  public int decidingPlace(HttpServerRequest request) {
    for (int i = 0; i < readers.length; i++) {
      if (readers[i].isPresent(request)) {
        return i;
      }
    }
    return -1;
  }

  /**
   * Takes out of the call what must not go upstream: the credential that decided, where its place
   * says so, and claims that nobody vouched for. Other credentials are the upstream's.
   *
   * @param decidingPlace what {@link #decidingPlace} said
   */
  public void strip(int decidingPlace, Outgoing call) {
    for (int i = 0; i < readers.length; i++) {
      readers[i].strip(i == decidingPlace, call);
    }
  }

  /** Figures for metrics. */
  public TokenStatus status() {
    return tokens == null
        ? new TokenStatus(0, 0, 0, 0)
        : new TokenStatus(
            tokens.size(), tokens.verified(), tokens.turnedAway(), tokens.keyFailures());
  }

  /** Fetches no more keys. */
  @Override
  public void close() {
    if (tokens != null) {
      tokens.close();
    }
  }

  private @Nullable Credential read(HttpServerRequest request) {
    for (CredentialReader reader : readers) {
      Credential credential = reader.read(request);
      if (credential != null) {
        return credential;
      }
    }
    return null;
  }
}
