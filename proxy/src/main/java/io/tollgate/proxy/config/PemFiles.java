package io.tollgate.proxy.config;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.impl.KeyStoreHelper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Certificates and private keys in PEM files, looked at before a handshake relies on them, and read
 * as Vert.x will read them. Stateless and thread-safe.
 */
public final class PemFiles {
  private static final Logger LOG = LoggerFactory.getLogger(PemFiles.class);
  private static final byte[] PROBE = {1, 2, 3};

  private PemFiles() {}

  /**
   * Checks a file of one or several certificates. One that is out of date is warned of by name, and
   * passes: its time may come, and clocks may be wrong.
   *
   * @throws IllegalArgumentException saying what is wrong with the file
   */
  public static void checkCertificates(Path file) {
    Buffer text = read(file);
    try {
      KeyStore read = KeyStoreHelper.loadCA(Stream.of(text));
      for (String name : Collections.list(read.aliases())) {
        warnOutOfDate((X509Certificate) read.getCertificate(name), file);
      }
    } catch (Exception e) { // what Vert.x throws
      throw new IllegalArgumentException(
          "the file " + file + " holds no certificate in PEM: " + e.getMessage(), e);
    }
  }

  /**
   * Checks a file of a private key, and that it is the key of the first of these certificates.
   *
   * @throws IllegalArgumentException saying what is wrong with the file
   */
  public static void checkKey(Path key, Path certificate) {
    List<Buffer> keys = List.of(read(key));
    List<Buffer> certificates = List.of(read(certificate));
    try {
      KeyStore read = KeyStoreHelper.loadKeyCert(keys, certificates);
      String name = read.aliases().nextElement();
      char[] password = KeyStoreHelper.DUMMY_PASSWORD.toCharArray();
      checkKey((PrivateKey) read.getKey(name, password), read.getCertificateChain(name)[0]);
    } catch (Exception e) { // what Vert.x throws
      throw new IllegalArgumentException(
          "the file "
              + key
              + " is not the key of the certificate in "
              + certificate
              + ", in PEM, RSA or EC, not encrypted: "
              + e.getMessage(),
          e);
    }
  }

  private static void checkKey(PrivateKey key, java.security.cert.Certificate certificate)
      throws GeneralSecurityException {
    Signature signature =
        Signature.getInstance(
            key.getAlgorithm().equals("EC") ? "SHA256withECDSA" : "SHA256withRSA");
    signature.initSign(key);
    signature.update(PROBE);
    byte[] signed = signature.sign();
    signature.initVerify(certificate.getPublicKey());
    signature.update(PROBE);
    if (!signature.verify(signed)) {
      throw new GeneralSecurityException("they do not belong together");
    }
  }

  private static void warnOutOfDate(X509Certificate certificate, Path file) {
    try {
      certificate.checkValidity();
    } catch (CertificateExpiredException | CertificateNotYetValidException e) {
      LOG.warn(
          "the certificate of {} in {} is out of date: it holds from {} to {}",
          certificate.getSubjectX500Principal(),
          file,
          certificate.getNotBefore().toInstant(),
          certificate.getNotAfter().toInstant());
    }
  }

  private static Buffer read(Path file) {
    try {
      return Buffer.buffer(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new IllegalArgumentException("the file " + file + " cannot be read", e);
    }
  }
}
