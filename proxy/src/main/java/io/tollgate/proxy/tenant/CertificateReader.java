package io.tollgate.proxy.tenant;

import io.tollgate.proxy.config.IdentitySource;
import io.vertx.core.http.HttpServerRequest;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * The tenant in a name of the certificate that the caller's connection showed. The TLS handshake
 * has verified it; it is read once a connection.
 */
final class CertificateReader implements CredentialReader {
  private static final Object NONE = new Object();

  private final IdentitySource.Certificate source;

  /** By which the session remembers; one source sees only its own. */
  private final String remembered;

  CertificateReader(IdentitySource.Certificate source) {
    this.source = source;
    this.remembered = "io.tollgate.tenant." + source;
  }

  @Override
  public @Nullable Credential read(HttpServerRequest request) {
    SSLSession session = request.connection().isSsl() ? request.connection().sslSession() : null;
    if (session == null) {
      return null;
    }
    Object known = session.getValue(remembered);
    if (known == null) {
      X509Certificate shown = PeerCertificate.of(request);
      known = shown == null ? null : ofCertificate(shown);
      session.putValue(remembered, known == null ? NONE : known);
    }
    return known instanceof Credential credential ? credential : null;
  }

  @Override
  public boolean isPresent(HttpServerRequest request) {
    return read(request) != null;
  }

  /** The first name that matches; null for none. */
  private @Nullable Credential ofCertificate(X509Certificate certificate) {
    for (String name : names(certificate)) {
      String tenant = source.pattern().tenant(name, false);
      if (tenant != null) {
        return Credential.Named.of(tenant, "cert:" + certificate.getSerialNumber().toString(16));
      }
    }
    return null;
  }

  private List<String> names(X509Certificate certificate) {
    return switch (source.name()) {
      case SUBJECT -> subject(certificate);
      case EMAIL -> alternative(certificate, 1); // the numbers are RFC 5280's, section 4.2.1.6
      case DNS -> alternative(certificate, 2);
      case URI -> alternative(certificate, 6);
    };
  }

  private List<String> subject(X509Certificate certificate) {
    try {
      return new LdapName(certificate.getSubjectX500Principal().getName())
          .getRdns().stream()
              .filter(rdn -> rdn.getType().equalsIgnoreCase(source.attribute()))
              .map(Rdn::getValue)
              .filter(String.class::isInstance)
              .map(String.class::cast)
              .toList();
    } catch (InvalidNameException e) {
      return List.of();
    }
  }

  private static List<String> alternative(X509Certificate certificate, int kind) {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      return names == null
          ? List.of()
          : names.stream()
              .filter(name -> name.get(0).equals(kind))
              .map(name -> String.valueOf(name.get(1)))
              .toList();
    } catch (CertificateParsingException e) {
      return List.of();
    }
  }
}
