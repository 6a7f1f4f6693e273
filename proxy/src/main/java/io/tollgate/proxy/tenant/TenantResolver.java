package io.tollgate.proxy.tenant;

import io.tollgate.proxy.config.Identification;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/**
 * From a request to whose it is. The first credential that is present decides: a wrong key in the
 * first place does not fall through to a right one in the second. Thread-safe.
 */
public final class TenantResolver {
  private static final Identity NO_CREDENTIAL =
      new Identity.Unknown("the request carries no credential");
  private static final Identity MALFORMED = new Identity.Unknown("the credential is malformed");

  private final CredentialReader[] readers;
  private final Identity withoutCredential;
  private final KeyDirectory keys;

  /**
   * A resolver.
   *
   * @param settings where credentials stand
   * @param keys whose keys are whose
   */
  public TenantResolver(Identification settings, KeyDirectory keys) {
    this.readers = CredentialReader.of(settings).toArray(CredentialReader[]::new);
    this.withoutCredential =
        settings.anonymousTenant().isEmpty()
            ? NO_CREDENTIAL
            : new Identity.Known(settings.anonymousTenant(), "anonymous");
    this.keys = keys;
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
      case Credential.Malformed malformed -> MALFORMED;
    };
  }

  /** The answer, asking the control plane where need be. Never fails. */
  public Future<Identity> resolve(HttpServerRequest request) {
    Identity now = resolveNow(request);
    if (now != null) {
      return Future.succeededFuture(now);
    }
    return switch (read(request)) {
      case null -> Future.succeededFuture(withoutCredential);
      case ApiKey key -> keys.load(key.copy());
      case Credential.Malformed malformed -> Future.succeededFuture(MALFORMED);
    };
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
