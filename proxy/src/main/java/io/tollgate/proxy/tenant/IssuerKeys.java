package io.tollgate.proxy.tenant;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.util.JSONObjectUtils;
import io.tollgate.proxy.config.IdentitySource;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.text.ParseException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An issuer's published keys (RFC 7517). Fetched at the start, at an interval, and at once for a
 * key id not known yet, though never more often than every {@link #LEAST_BETWEEN}; what was fetched
 * last stays in force while the issuer is away, also over a reload and, for a time, a start.
 * Bounded: {@link #MOST_BYTES}, {@link #MOST_KEYS}. Thread-safe; fetches happen on one event loop.
 */
final class IssuerKeys {
  /** Between two fetches, whatever the callers show. */
  static final Duration LEAST_BETWEEN = Duration.ofSeconds(10);

  /** Between two fetches while none has succeeded yet. */
  private static final Duration FIRST_AGAIN = Duration.ofSeconds(1);

  static final int MOST_BYTES = 1 << 20;
  private static final int MOST_KEYS = 100;
  private static final long TIMEOUT_SECONDS = 5;
  private static final Logger LOG = LoggerFactory.getLogger(IssuerKeys.class);

  /**
   * What was fetched.
   *
   * @param version rises whenever the keys differ from those before; 0 before the first
   */
  record Snapshot(long version, String text, List<SignatureKey> keys) {
    @Nullable SignatureKey find(@Nullable String keyId, String algorithm) {
      for (SignatureKey key : keys) {
        if (key.fits(keyId, algorithm)) {
          return key;
        }
      }
      return null;
    }
  }

  private final URI url;
  private final HttpClient client;
  private final KeyShelf shelf;
  private final Vertx vertx;
  private final Context home;
  private final InstantSource clock;
  private volatile Snapshot snapshot = new Snapshot(0, "", List.of());
  private @Nullable Future<Snapshot> underWay;
  private long triedAt = Long.MIN_VALUE;
  private long failures;

  /** Keys of one issuer: at first those on the shelf, where they are there and not too old. */
  IssuerKeys(
      Vertx vertx,
      HttpClient client,
      IdentitySource.Jwt source,
      KeyShelf shelf,
      InstantSource clock) {
    this.url = source.jwks();
    this.vertx = vertx;
    this.shelf = shelf;
    this.client = client;
    this.clock = clock;
    this.home = vertx.getOrCreateContext();
    String kept = shelf.get(url, source.keep());
    if (kept != null) {
      take(kept);
    }
  }

  /** What is known now. */
  Snapshot snapshot() {
    return snapshot;
  }

  /** Fetches that failed. */
  synchronized long failures() {
    return failures;
  }

  /** Whether none was ever fetched. */
  boolean isEmpty() {
    return snapshot.version() == 0;
  }

  /** Fetches anew where that is due; never fails: what is known then is the answer. */
  synchronized Future<Snapshot> refresh() {
    Future<Snapshot> open = underWay;
    if (open != null) {
      return open;
    }
    Duration between = isEmpty() ? FIRST_AGAIN : LEAST_BETWEEN;
    long now = clock.millis();
    if (triedAt != Long.MIN_VALUE && now - triedAt < between.toMillis()) {
      return Future.succeededFuture(snapshot);
    }
    triedAt = now;
    Promise<Snapshot> fetched = Promise.promise();
    underWay = fetched.future();
    home.runOnContext(nothing -> fetch().onComplete(body -> done(body, fetched)));
    return fetched.future();
  }

  private void done(io.vertx.core.AsyncResult<Buffer> body, Promise<Snapshot> fetched) {
    String why = body.failed() ? String.valueOf(body.cause().getMessage()) : keep(body.result());
    synchronized (this) {
      underWay = null;
      failures += why == null ? 0 : 1;
    }
    if (why != null) {
      LOG.warn("the keys at {} cannot be had, those known stay in force: {}", url, why);
    }
    fetched.complete(snapshot);
  }

  private Future<Buffer> fetch() {
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.GET)
            .setAbsoluteURI(url.toString())
            .putHeader(HttpHeaders.ACCEPT, "application/jwk-set+json, application/json");
    return client
        .request(options)
        .compose(request -> request.send().compose(IssuerKeys::body))
        .timeout(TIMEOUT_SECONDS, TimeUnit.SECONDS);
  }

  private static Future<Buffer> body(HttpClientResponse response) {
    if (response.statusCode() != 200) {
      return Future.failedFuture("answered with " + response.statusCode());
    }
    Promise<Buffer> whole = Promise.promise();
    Buffer body = Buffer.buffer();
    response.handler(
        piece -> {
          body.appendBuffer(piece);
          if (body.length() > MOST_BYTES) {
            whole.tryFail("longer than " + MOST_BYTES + " bytes");
            var unused = response.request().reset();
          }
        });
    response.endHandler(ended -> whole.tryComplete(body));
    response.exceptionHandler(whole::tryFail);
    return whole.future();
  }

  /** Takes and keeps the set; says what is wrong with it where it cannot. */
  private @Nullable String keep(Buffer body) {
    String text = body.toString();
    String wrong = take(text);
    if (wrong == null) {
      var unused =
          vertx.executeBlocking(
              () -> {
                shelf.put(url, text);
                return text;
              });
    }
    return wrong;
  }

  private @Nullable String take(String text) {
    if (text.equals(snapshot.text())) {
      return null;
    }
    List<SignatureKey> keys = new ArrayList<>();
    try {
      Map<String, Object>[] published =
          JSONObjectUtils.getJSONObjectArray(JSONObjectUtils.parse(text), "keys");
      if (published == null || published.length > MOST_KEYS) {
        return "no 'keys', or more than " + MOST_KEYS;
      }
      for (Map<String, Object> each : published) {
        SignatureKey key = read(each);
        if (key != null) {
          keys.add(key);
        }
      }
    } catch (ParseException e) {
      return "no set of keys: " + e.getMessage();
    }
    if (keys.isEmpty()) {
      return "none of its keys can verify a signature";
    }
    snapshot = new Snapshot(snapshot.version() + 1, text, List.copyOf(keys));
    LOG.info("{} key(s) of {} are in force", keys.size(), url);
    return null;
  }

  /** One that cannot be read does not spoil the others. */
  private static @Nullable SignatureKey read(Map<String, Object> published) {
    try {
      return SignatureKey.of(JWK.parse(published));
    } catch (ParseException | IllegalArgumentException e) {
      return null;
    }
  }
}
