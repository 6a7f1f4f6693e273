package io.tollgate.proxy.tenant;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.nimbusds.jwt.SignedJWT;
import io.tollgate.proxy.config.IdentitySource;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import java.text.ParseException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Verified tokens. A token is verified once and known by its digest until it expires or its
 * issuer's keys change; one that was refused is remembered for half a minute. Signatures are
 * verified on a thread of their own, at most {@link #AT_ONCE} waiting, so that a flood of made-up
 * tokens neither holds the traffic up nor reaches the issuer. Thread-safe.
 */
final class Tokens implements AutoCloseable {
  /** Tokens being verified at one time; beyond it the answer is to try again. */
  static final int AT_ONCE = 64;

  private static final Duration REFUSED_FOR = Duration.ofSeconds(30);
  private static final Identity BUSY =
      new Identity.Unavailable("too many new tokens at once; try again in a moment");
  private static final Identity NO_KEYS =
      new Identity.Unavailable("the keys of the token's issuer are not known right now");
  private static final Identity FOREIGN =
      new Identity.Unknown("the token is by an issuer that is not trusted here");

  private static final Identity NO_SUCH_KEY =
      new Identity.Unknown("the token is not signed by a key that its issuer publishes");

  private record Asked(ApiKey digest, IdentitySource.Carrier carrier) {}

  /** What a verification found, and for how long it holds. */
  private record Finding(Identity identity, long expiresAt, long keys, TokenIssuer issuer) {
    boolean holds(Token token, long now) {
      return now < expiresAt
          && issuer.settings().carrier().equals(token.carrier())
          && issuer.keys().snapshot().version() == keys;
    }
  }

  private final List<TokenIssuer> issuers;
  private final Cache<ApiKey, Finding> known;
  private final ConcurrentMap<Asked, Future<Identity>> underWay = new ConcurrentHashMap<>();
  private final WorkerExecutor verifier;
  private final HttpClient client;
  private final Vertx vertx;
  private final List<Long> timers = new ArrayList<>();
  private final InstantSource clock;
  private final AtomicLong verified = new AtomicLong();
  private final AtomicLong turnedAway = new AtomicLong();

  Tokens(
      Vertx vertx,
      List<IdentitySource.Jwt> sources,
      int most,
      KeyShelf shelf,
      InstantSource clock) {
    this.vertx = vertx;
    this.clock = clock;
    this.client = vertx.createHttpClient(new HttpClientOptions().setConnectTimeout(5_000));
    this.verifier = vertx.createSharedWorkerExecutor("tokens-" + System.identityHashCode(this), 1);
    this.known = Caffeine.newBuilder().maximumSize(most).executor(Runnable::run).build();
    this.issuers =
        sources.stream()
            .map(
                source ->
                    new TokenIssuer(source, new IssuerKeys(vertx, client, source, shelf, clock)))
            .toList();
    for (TokenIssuer issuer : issuers) {
      issuer.keys().refresh();
      timers.add(
          vertx.setPeriodic(
              issuer.settings().refresh().toMillis(), timer -> issuer.keys().refresh()));
    }
  }

  /** What is known of the token here and now; null where it must be verified. */
  @Nullable Identity find(Token token) {
    Finding finding = known.getIfPresent(token.digest());
    return finding != null && finding.holds(token, clock.millis()) ? finding.identity() : null;
  }

  /** Verifies the token, once for all that ask meanwhile. Never fails. */
  Future<Identity> verify(Token token) {
    Identity now = find(token);
    if (now != null) {
      return Future.succeededFuture(now);
    }
    Asked asked = new Asked(token.digest(), token.carrier());
    Future<Identity> open = underWay.get(asked);
    if (open != null) {
      return open;
    }
    if (underWay.size() >= AT_ONCE) {
      turnedAway.incrementAndGet();
      return Future.succeededFuture(BUSY);
    }
    Promise<Identity> answer = Promise.promise();
    open = underWay.putIfAbsent(asked, answer.future());
    if (open != null) {
      return open;
    }
    now = find(token); // whoever verified it until a moment ago has said so before leaving
    (now != null ? Future.succeededFuture(now) : begin(token))
        .otherwise(failure -> BUSY)
        .onSuccess(
            identity -> {
              underWay.remove(asked);
              answer.complete(identity);
            });
    return answer.future();
  }

  private Future<Identity> begin(Token token) {
    SignedJWT parsed;
    String issuerName;
    try {
      parsed = SignedJWT.parse(token.text());
      issuerName = parsed.getJWTClaimsSet().getIssuer();
    } catch (ParseException | RuntimeException e) {
      return Future.succeededFuture(
          new Identity.Unknown("the token is not a signed JSON Web Token"));
    }
    for (TokenIssuer issuer : issuers) {
      if (issuer.settings().issuer().equals(issuerName)
          && issuer.settings().carrier().equals(token.carrier())) {
        return withKeys(token, parsed, issuer);
      }
    }
    return Future.succeededFuture(FOREIGN);
  }

  private Future<Identity> withKeys(Token token, SignedJWT parsed, TokenIssuer issuer) {
    Identity.Unknown refused = issuer.checkHead(parsed);
    if (refused != null) {
      return Future.succeededFuture(refused);
    }
    IssuerKeys.Snapshot keys = issuer.keys().snapshot();
    Future<IssuerKeys.Snapshot> knowing =
        issuer.key(keys, parsed) == null ? issuer.keys().refresh() : Future.succeededFuture(keys);
    return knowing.compose(snapshot -> withKeys(token, parsed, issuer, snapshot));
  }

  /** A key that is not there is not remembered: it may come with the next fetch. */
  private Future<Identity> withKeys(
      Token token, SignedJWT parsed, TokenIssuer issuer, IssuerKeys.Snapshot keys) {
    if (keys.version() == 0) {
      return Future.succeededFuture(NO_KEYS);
    }
    return issuer.key(keys, parsed) == null
        ? Future.succeededFuture(NO_SUCH_KEY)
        : verifier.executeBlocking(() -> verify(token, parsed, issuer, keys), false);
  }

  private Identity verify(
      Token token, SignedJWT parsed, TokenIssuer issuer, IssuerKeys.Snapshot keys) {
    verified.incrementAndGet();
    long now = clock.millis();
    TokenIssuer.Checked checked = issuer.check(parsed, keys, now);
    long expiresAt =
        switch (checked.identity()) {
          case Identity.Known tenant -> checked.expiresAt();
          case Identity.Unknown unknown -> now + REFUSED_FOR.toMillis();
          case Identity.Unavailable unavailable -> now;
        };
    known.put(token.digest(), new Finding(checked.identity(), expiresAt, keys.version(), issuer));
    return checked.identity();
  }

  /** Tokens in memory. */
  long size() {
    return known.estimatedSize();
  }

  /** Signatures looked at. */
  long verified() {
    return verified.get();
  }

  /** Tokens not verified because too many others were. */
  long turnedAway() {
    return turnedAway.get();
  }

  /** Fetches of keys that failed. */
  long keyFailures() {
    return issuers.stream().mapToLong(issuer -> issuer.keys().failures()).sum();
  }

  @Override
  public void close() {
    timers.forEach(vertx::cancelTimer);
    var unused = verifier.close();
    var unusedToo = client.close();
  }
}
