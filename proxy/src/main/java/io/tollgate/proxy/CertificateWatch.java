package io.tollgate.proxy;

import io.tollgate.proxy.config.Tls;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.X509KeyManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after the listener's certificates: when their files change, connections that open from then
 * on see the new ones. A certificate whose key is not there yet waits for it.
 */
final class CertificateWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CertificateWatch.class);
  private static final long LOOK_MILLIS = 1000;
  private static final byte[] PROBE = {1, 2, 3};
  private static final List<String> KEY_TYPES = List.of("EC", "RSA", "EdDSA", "DSA");

  private final Vertx vertx;
  private final Tls tls;
  private final Supplier<Future<Boolean>> renew;
  private final long timer;
  private String inForce;
  private String refused = "";

  /**
   * Begins to look.
   *
   * @param renew makes the listener read its files anew
   */
  CertificateWatch(Vertx vertx, Tls tls, Supplier<Future<Boolean>> renew) {
    this.vertx = vertx;
    this.tls = tls;
    this.renew = renew;
    this.inForce = state();
    this.timer = vertx.setPeriodic(LOOK_MILLIS, tick -> look());
  }

  private void look() {
    String now = state();
    if (now.equals(inForce) || now.equals(refused)) {
      return;
    }
    var unused =
        vertx
            .<Boolean>executeBlocking(
                () -> {
                  check(vertx, tls);
                  return true;
                })
            .compose(belongTogether -> renew.get())
            .onComplete(done -> renewed(now), failure -> kept(now, failure));
  }

  private void renewed(String now) {
    inForce = now;
    refused = "";
    LOG.info("connections that open from now on see the new certificate of {}", tls.certificate());
  }

  private void kept(String now, Throwable failure) {
    refused = now;
    LOG.error(
        "the new certificate in {} is refused, the one in force stays: {}",
        tls.certificate(),
        failure.getMessage());
  }

  /** Names, sizes and times of the files behind whatever links lead to them. */
  private String state() {
    List<Path> files = new ArrayList<>(List.of(tls.certificate(), tls.key()));
    if (tls.clientAuthority() != null) {
      files.add(tls.clientAuthority());
    }
    StringBuilder state = new StringBuilder();
    for (Path file : files) {
      try {
        Path real = file.toRealPath();
        state.append(real).append(Files.size(real)).append(Files.getLastModifiedTime(real));
      } catch (IOException e) {
        state.append("being replaced");
      }
    }
    return state.toString();
  }

  /**
   * Whether certificate and key can be read and belong together.
   *
   * @throws GeneralSecurityException saying what is wrong
   */
  static void check(Vertx vertx, Tls tls) throws Exception {
    PemKeyCertOptions options =
        new PemKeyCertOptions()
            .setCertPath(tls.certificate().toString())
            .setKeyPath(tls.key().toString());
    for (KeyManager manager : options.getKeyManagerFactory(vertx).getKeyManagers()) {
      if (manager instanceof X509KeyManager keys) {
        for (String type : KEY_TYPES) {
          String[] names = keys.getServerAliases(type, null);
          for (String name : names == null ? new String[0] : names) {
            check(keys.getPrivateKey(name), keys.getCertificateChain(name)[0]);
          }
        }
      }
    }
  }

  private static void check(PrivateKey key, X509Certificate certificate)
      throws GeneralSecurityException {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "EC" -> "SHA256withECDSA";
          case "RSA" -> "SHA256withRSA";
          case "DSA" -> "SHA256withDSA";
          default -> key.getAlgorithm();
        };
    Signature signature = Signature.getInstance(algorithm);
    signature.initSign(key);
    signature.update(PROBE);
    byte[] signed = signature.sign();
    signature.initVerify(certificate.getPublicKey());
    signature.update(PROBE);
    if (!signature.verify(signed)) {
      throw new GeneralSecurityException("the key is not the certificate's");
    }
  }

  @Override
  public void close() {
    vertx.cancelTimer(timer);
  }
}
