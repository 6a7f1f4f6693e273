package io.tollgate.proxy.tenant;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.opts.AllowWeakRSAKey;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Issues tokens and publishes its keys on a real port. */
public final class IdentityProvider implements AutoCloseable {
  private final HttpServer server;
  private final List<JWK> published = new ArrayList<>();
  private volatile String answer = "{\"keys\":[]}";
  private volatile int status = 200;
  private final AtomicInteger fetches = new AtomicInteger();
  private final KeyPair edwards;
  private @Nullable RSAKey ready;

  /** Opens on a free port; publishes nothing yet. */
  public IdentityProvider() throws IOException, GeneralSecurityException {
    edwards = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/keys",
        exchange -> {
          fetches.incrementAndGet();
          byte[] body = answer.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
  }

  /** Where the keys are. */
  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/keys";
  }

  /** How often they were asked for. */
  public int fetches() {
    return fetches.get();
  }

  /** An RSA key, published. */
  public RSAKey rsa(String id) throws JOSEException {
    return publish(new RSAKeyGenerator(2048).keyID(id).generate());
  }

  /** A key on a curve, published. */
  public ECKey ec(String id, Curve curve) throws JOSEException {
    return publish(new ECKeyGenerator(curve).keyID(id).generate());
  }

  /** The Ed25519 key, published. */
  public void ed25519(String id) {
    byte[] encoded = edwards.getPublic().getEncoded();
    byte[] point = java.util.Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length);
    publish(new OctetKeyPair.Builder(Curve.Ed25519, Base64URL.encode(point)).keyID(id).build());
  }

  /** Publishes a key beside the others. */
  public synchronized <K extends JWK> K publish(K key) {
    published.add(key);
    answer = new JWKSet(published).toString(true);
    return key;
  }

  /** Publishes no key but these. */
  public synchronized void publishOnly(JWK... keys) {
    published.clear();
    published.addAll(List.of(keys));
    answer = new JWKSet(published).toString(true);
  }

  /** Answers with this from now on. */
  public void answer(int code, String body) {
    status = code;
    answer = body;
  }

  /** A token of the present, five minutes long, signed with a published RSA key. */
  public synchronized String token(String issuer, String audience, String tenant)
      throws JOSEException {
    RSAKey key = ready == null ? rsa("ready") : ready;
    ready = key;
    return sign(
        key,
        JWSAlgorithm.RS256,
        new JWTClaimsSet.Builder()
            .issuer(issuer)
            .audience(audience)
            .subject("user-1")
            .expirationTime(Date.from(Instant.now().plusSeconds(300)))
            .claim("tenant", tenant)
            .build());
  }

  /** A token signed with an RSA key. */
  public static String sign(RSAKey key, JWSAlgorithm algorithm, JWTClaimsSet claims)
      throws JOSEException {
    SignedJWT token =
        new SignedJWT(new JWSHeader.Builder(algorithm).keyID(key.getKeyID()).build(), claims);
    token.sign(new RSASSASigner(key.toPrivateKey(), Set.of(AllowWeakRSAKey.getInstance())));
    return token.serialize();
  }

  /** A token signed with a key on a curve. */
  public static String sign(ECKey key, JWSAlgorithm algorithm, JWTClaimsSet claims)
      throws JOSEException {
    SignedJWT token =
        new SignedJWT(new JWSHeader.Builder(algorithm).keyID(key.getKeyID()).build(), claims);
    token.sign(new ECDSASigner(key));
    return token.serialize();
  }

  /** A token whose HMAC takes the public key's text for the secret: the known confusion. */
  public static String signWithPublicKey(RSAKey key, JWTClaimsSet claims) throws JOSEException {
    SignedJWT token =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.HS256).keyID(key.getKeyID()).build(), claims);
    token.sign(new MACSigner(key.toRSAPublicKey().getEncoded()));
    return token.serialize();
  }

  /** A token signed with the Ed25519 key, its head saying whatever it is told to. */
  public String signEdwards(Map<String, String> head, JWTClaimsSet claims)
      throws GeneralSecurityException {
    StringBuilder json = new StringBuilder("{\"typ\":\"JWT\"");
    head.forEach((name, value) -> json.append(",\"" + name + "\":\"" + value + "\""));
    String signed = Base64URL.encode(json + "}") + "." + Base64URL.encode(claims.toString());
    Signature signature = Signature.getInstance("Ed25519");
    signature.initSign(edwards.getPrivate());
    signature.update(signed.getBytes(StandardCharsets.US_ASCII));
    return signed + "." + Base64URL.encode(signature.sign());
  }

  /** A token that claims to need no signature. */
  public static String unsigned(JWTClaimsSet claims) {
    return Base64URL.encode("{\"alg\":\"none\"}") + "." + Base64URL.encode(claims.toString()) + ".";
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
