package io.tollgate.proxy.tenant;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.tollgate.proxy.config.IdentitySource;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.text.ParseException;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one issuer's tokens must be (RFC 7519, section 7.2; RFC 8725). Immutable but for its keys;
 * thread-safe.
 *
 * @param settings what is expected
 * @param keys the issuer's published keys
 */
record TokenIssuer(IdentitySource.Jwt settings, IssuerKeys keys) {
  private static final Set<String> TYPES = Set.of("jwt", "at+jwt");
  private static final int LONGEST_KEY_ID = 128;

  /**
   * A verdict.
   *
   * @param expiresAt until when a known tenant is one by this token, in milliseconds of the epoch
   */
  record Checked(Identity identity, long expiresAt) {}

  /** What can be said against the head; null where nothing can. */
  Identity.@Nullable Unknown checkHead(SignedJWT token) {
    if (!settings.algorithms().contains(algorithm(token))) {
      return new Identity.Unknown("the token's signature is by an algorithm not taken here");
    }
    if (token.getHeader().getCriticalParams() != null) {
      return new Identity.Unknown("the token asks for an extension that is not known here");
    }
    JOSEObjectType type = token.getHeader().getType();
    return type == null || TYPES.contains(type.getType().toLowerCase(Locale.ROOT))
        ? null
        : new Identity.Unknown("the token is of a type that is no access token");
  }

  /** The key that may have signed the token; null for none. */
  @Nullable SignatureKey key(IssuerKeys.Snapshot snapshot, SignedJWT token) {
    return snapshot.find(token.getHeader().getKeyID(), algorithm(token));
  }

  /** Checks signature and claims. Takes some hundred microseconds. */
  Checked check(SignedJWT token, IssuerKeys.Snapshot snapshot, long nowMillis) {
    if (!isSigned(token, snapshot)) {
      return refused("the token's signature is not by a key of its issuer");
    }
    try {
      return checkClaims(token.getJWTClaimsSet(), nowMillis);
    } catch (ParseException e) {
      return refused("the token's claims cannot be read");
    }
  }

  /** Without a key id every key of the right kind is tried; an issuer has few. */
  private boolean isSigned(SignedJWT token, IssuerKeys.Snapshot snapshot) {
    String keyId = token.getHeader().getKeyID();
    String algorithm = algorithm(token);
    return snapshot.keys().stream()
        .anyMatch(key -> key.fits(keyId, algorithm) && key.signed(token));
  }

  private Checked checkClaims(JWTClaimsSet claims, long nowMillis) throws ParseException {
    Date expires = claims.getExpirationTime();
    Date begins = claims.getNotBeforeTime();
    long leeway = settings.leeway().toMillis();
    if (expires == null) {
      return refused("the token has no time of expiry");
    }
    if (expires.toInstant().toEpochMilli() + leeway <= nowMillis) {
      return refused("the token has expired");
    }
    if (begins != null && begins.toInstant().toEpochMilli() - leeway > nowMillis) {
      return refused("the token is not valid yet");
    }
    if (!settings.audiences().isEmpty()
        && claims.getAudience().stream().noneMatch(settings.audiences()::contains)) {
      return refused("the token is for another audience");
    }
    Object tenant = claim(claims.getClaims(), settings.tenantClaim());
    if (!(tenant instanceof String name) || !Credential.Named.isTenant(name)) {
      return refused("the token names no tenant");
    }
    return new Checked(
        new Identity.Known(name, keyId(claims)), expires.toInstant().toEpochMilli() + leeway);
  }

  private String keyId(JWTClaimsSet claims) {
    Object key = claim(claims.getClaims(), settings.keyClaim());
    String text = key instanceof String || key instanceof Number ? key.toString() : "";
    if (text.isEmpty()) {
      return "jwt";
    }
    boolean fits =
        text.length() <= LONGEST_KEY_ID
            && text.chars().allMatch(letter -> letter > ' ' && letter < 0x7f);
    return "jwt:" + (fits ? text : digest(text));
  }

  /** Stands for a value that no field could say, so that two users stay two. */
  private static String digest(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return "sha256:" + HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }

  /** The claim of that name, or else the one that a path of names leads to. */
  private static @Nullable Object claim(Map<String, Object> claims, String name) {
    if (claims.containsKey(name)) {
      return claims.get(name);
    }
    Object found = claims;
    for (String step : List.of(name.split("\\.", -1))) {
      found = found instanceof Map<?, ?> inner ? inner.get(step) : null;
    }
    return found;
  }

  private static String algorithm(SignedJWT token) {
    return SignatureKey.name(token.getHeader().getAlgorithm().getName());
  }

  private static Checked refused(String why) {
    return new Checked(new Identity.Unknown(why), 0);
  }
}
