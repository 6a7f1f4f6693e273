package io.tollgate.proxy.tenant;

import io.tollgate.proxy.config.Identification;
import io.tollgate.proxy.config.IdentitySource;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads a credential from one place of a request. Immutable and thread-safe. */
interface CredentialReader {
  /** The credential; null where the request has none in this place. */
  @Nullable Credential read(HttpServerRequest request);

  /** Whether {@link #read} finds something; cheaper than reading. */
  boolean isPresent(HttpServerRequest request);

  /**
   * Takes out what must not go upstream.
   *
   * @param decided whether this place decided whose the call is
   */
  default void strip(boolean decided, Outgoing call) {}

  /** The readers of the configured places, in their order. */
  static List<CredentialReader> of(Identification settings, CallView view) {
    boolean tokens =
        settings.sources().stream().anyMatch(source -> source instanceof IdentitySource.Jwt);
    List<CredentialReader> readers = new ArrayList<>();
    List<IdentitySource.Carrier> carriers = new ArrayList<>();
    for (IdentitySource source : settings.sources()) {
      switch (source) {
        case IdentitySource.Keys keys -> KeyReader.addTo(readers, keys, tokens);
        case IdentitySource.Jwt jwt -> {
          if (!carriers.contains(jwt.carrier())) {
            carriers.add(jwt.carrier()); // issuers that share a place are told apart by the token
            TokenReader.addTo(readers, jwt.carrier(), jwt.strip());
          }
        }
        case IdentitySource.Certificate certificate ->
            readers.add(new CertificateReader(certificate));
        case IdentitySource.Host host -> readers.add(new HostReader(host.pattern(), view));
        case IdentitySource.Path path -> readers.add(new PathReader(path, view));
        case IdentitySource.TrustedHeader header -> readers.add(new HeaderReader(header, view));
      }
    }
    return List.copyOf(readers);
  }
}
