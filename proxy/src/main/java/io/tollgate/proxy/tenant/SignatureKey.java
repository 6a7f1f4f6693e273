package io.tollgate.proxy.tenant;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyOperation;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.SignedJWT;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One of an issuer's public keys, good for the algorithms of its own kind and no other: what a
 * token's head says about the algorithm never turns a public key into a shared secret (RFC 8725,
 * section 2.1). Immutable and thread-safe.
 */
final class SignatureKey {
  private static final int LEAST_RSA_BITS = 2048;

  /** The head of an Ed25519 key in X.509 form (RFC 8410, section 4); 32 bytes follow. */
  private static final byte[] ED25519 = HexFormat.of().parseHex("302a300506032b6570032100");

  private static final Set<String> RSA =
      Set.of("RS256", "RS384", "RS512", "PS256", "PS384", "PS512");

  /** Verifies a token's signature. */
  @FunctionalInterface
  private interface Check {
    boolean holds(SignedJWT token) throws JOSEException, GeneralSecurityException;
  }

  private final @Nullable String id;
  private final Set<String> algorithms;
  private final Check check;

  private SignatureKey(@Nullable String id, Set<String> algorithms, Check check) {
    this.id = id;
    this.algorithms = algorithms;
    this.check = check;
  }

  /** The key, where it can verify signatures by an algorithm taken here; null else. */
  static @Nullable SignatureKey of(JWK key) {
    boolean signs =
        (key.getKeyUse() == null || key.getKeyUse().equals(KeyUse.SIGNATURE))
            && (key.getKeyOperations() == null
                || key.getKeyOperations().contains(KeyOperation.VERIFY));
    if (!signs) {
      return null;
    }
    try {
      if (key instanceof RSAKey rsa && rsa.size() >= LEAST_RSA_BITS) {
        return with(key, RSA, verifying(new RSASSAVerifier(rsa.toRSAPublicKey())));
      }
      if (key instanceof ECKey ec) {
        String only = algorithm(ec.getCurve());
        return only == null
            ? null
            : with(key, Set.of(only), verifying(new ECDSAVerifier(ec.toECPublicKey())));
      }
      if (key instanceof OctetKeyPair pair && Curve.Ed25519.equals(pair.getCurve())) {
        PublicKey edwards = edwards(pair.getDecodedX());
        return with(key, Set.of("EdDSA"), token -> verify(edwards, token));
      }
      return null; // a shared secret among them, which has no business being published
    } catch (JOSEException | GeneralSecurityException e) {
      return null;
    }
  }

  private static @Nullable SignatureKey with(JWK key, Set<String> ofItsKind, Check check) {
    if (key.getAlgorithm() == null) {
      return new SignatureKey(key.getKeyID(), ofItsKind, check);
    }
    String only = name(key.getAlgorithm().getName());
    return ofItsKind.contains(only) ? new SignatureKey(key.getKeyID(), Set.of(only), check) : null;
  }

  /** RFC 9864 names EdDSA by its curve. */
  static String name(String algorithm) {
    return algorithm.equals("Ed25519") ? "EdDSA" : algorithm;
  }

  private static @Nullable String algorithm(Curve curve) {
    if (Curve.P_256.equals(curve)) {
      return JWSAlgorithm.ES256.getName();
    }
    if (Curve.P_384.equals(curve)) {
      return JWSAlgorithm.ES384.getName();
    }
    return Curve.P_521.equals(curve) ? JWSAlgorithm.ES512.getName() : null;
  }

  private static Check verifying(JWSVerifier verifier) {
    return token -> token.verify(verifier);
  }

  private static PublicKey edwards(byte[] point) throws GeneralSecurityException {
    byte[] encoded = new byte[ED25519.length + point.length];
    System.arraycopy(ED25519, 0, encoded, 0, ED25519.length);
    System.arraycopy(point, 0, encoded, ED25519.length, point.length);
    return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
  }

  /** By the JDK: the library's own way to Ed25519 takes another library. */
  private static boolean verify(PublicKey key, SignedJWT token) throws GeneralSecurityException {
    Signature signature = Signature.getInstance("Ed25519");
    signature.initVerify(key);
    signature.update(token.getSigningInput());
    return signature.verify(token.getSignature().decode());
  }

  /** Whether a token of this key id and algorithm may be signed with this key. */
  boolean fits(@Nullable String keyId, String algorithm) {
    return (keyId == null || keyId.equals(id)) && algorithms.contains(algorithm);
  }

  /** Whether the signature is this key's. */
  boolean signed(SignedJWT token) {
    try {
      return check.holds(token);
    } catch (JOSEException | GeneralSecurityException e) {
      return false; // a signature of an impossible form is no signature
    }
  }
}
