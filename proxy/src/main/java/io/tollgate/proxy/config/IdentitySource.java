package io.tollgate.proxy.config;

import io.tollgate.proxy.route.PathPattern;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** One place in which a call can say whose it is. Immutable. */
public sealed interface IdentitySource {
  /**
   * An API key, looked for in this order: each header, Authorization, each query parameter.
   *
   * @param headers header fields whose whole value is a key
   * @param authorization whether {@code Authorization: Bearer KEY}, {@code Authorization: ApiKey
   *     KEY} and the user of {@code Authorization: Basic} are read
   * @param queryParameters query parameters whose value is a key; keys in URLs end up in logs
   * @param strip whether what carried the key is left out of what goes upstream
   */
  record Keys(
      List<String> headers, boolean authorization, List<String> queryParameters, boolean strip)
      implements IdentitySource {
    public Keys {
      headers = List.copyOf(headers);
      queryParameters = List.copyOf(queryParameters);
    }
  }

  /**
   * A signed JSON Web Token (RFC 7519), verified with the issuer's published keys (RFC 7517).
   *
   * @param issuer what {@code iss} must be
   * @param audiences of which {@code aud} must name one; empty asks for none
   * @param jwks where the issuer publishes its keys
   * @param refresh how often they are fetched anew; a key id not known yet is asked for at once, at
   *     most every 10 s
   * @param keep how long keys fetched last may be used after a start while the issuer is away
   * @param algorithms signature algorithms taken, by their JOSE names; only asymmetric ones
   * @param leeway by how much the issuer's clock may differ
   * @param tenantClaim the claim that names the tenant: a claim's name, or a path of names with
   *     dots
   * @param keyClaim the claim that becomes the key id
   * @param carrier where the token stands
   * @param strip whether it is left out of what goes upstream
   */
  record Jwt(
      String issuer,
      List<String> audiences,
      URI jwks,
      Duration refresh,
      Duration keep,
      Set<String> algorithms,
      Duration leeway,
      String tenantClaim,
      String keyClaim,
      Carrier carrier,
      boolean strip)
      implements IdentitySource {
    /** The algorithms that can be taken: RFC 7518, RFC 8037 and RFC 9864. */
    public static final List<String> ALGORITHMS =
        List.of(
            "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
            "EdDSA");

    public Jwt {
      audiences = List.copyOf(audiences);
      algorithms = Set.copyOf(algorithms);
    }
  }

  /**
   * Where a token stands.
   *
   * @param header a field with {@code Bearer TOKEN}, or with the token alone where it is not
   *     Authorization
   * @param queryParameter looked at where the field has none; empty for none
   */
  record Carrier(String header, String queryParameter) {}

  /**
   * The certificate by which the caller's connection was authenticated.
   *
   * @param name which of its names
   * @param attribute of the subject, such as CN; empty for the others
   * @param pattern where in it the tenant stands
   */
  record Certificate(Name name, String attribute, TenantPattern pattern) implements IdentitySource {
    /** A name in a certificate. */
    public enum Name {
      /** An attribute of the subject. */
      SUBJECT,
      /** A subject alternative name that is a DNS name. */
      DNS,
      /** A subject alternative name that is a URI, such as a SPIFFE id. */
      URI,
      /** A subject alternative name that is a mail address. */
      EMAIL
    }
  }

  /**
   * The host name that is called.
   *
   * @param pattern where in it the tenant stands; one label
   */
  record Host(TenantPattern pattern) implements IdentitySource {}

  /**
   * A segment of the path.
   *
   * @param pattern the path
   * @param segment which of its segments names the tenant, 0 the first
   */
  record Path(PathPattern pattern, int segment) implements IdentitySource {}

  /**
   * A field that is believed from trusted peers only, and from everybody else taken out.
   *
   * @param name the field whose value is the tenant
   * @param strip whether it is left out of what goes upstream also where it was believed
   */
  record TrustedHeader(String name, boolean strip) implements IdentitySource {}
}
