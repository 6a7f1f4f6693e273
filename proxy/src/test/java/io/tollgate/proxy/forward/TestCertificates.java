package io.tollgate.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.FileInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Certificates by the JDK's keytool, as PEM files: an authority, and leaves that it signed. */
public final class TestCertificates {
  private static final String PASSWORD = "changeit";

  private final Path directory;
  private final Path store;

  /** An authority in a directory of its own. */
  public TestCertificates(Path directory) throws Exception {
    this.directory = Files.createDirectories(directory);
    this.store = directory.resolve("store.p12");
    keytool(
        "-genkeypair -alias ca -keyalg EC -groupname secp256r1 -dname CN=TestAuthority -ext bc:c");
    keytool("-exportcert -alias ca -rfc -file " + authority());
  }

  /** PEM file of the authority. */
  public Path authority() {
    return directory.resolve("ca.pem");
  }

  /** PEM file of a leaf's certificate. */
  public Path certificate(String name) {
    return directory.resolve(name + ".pem");
  }

  /** PEM file of a leaf's key. */
  public Path key(String name) {
    return directory.resolve(name + "-key.pem");
  }

  /** Makes a leaf for localhost and 127.0.0.1. */
  public TestCertificates leaf(String name) throws Exception {
    return leaf(name, "-validity 90");
  }

  /** Makes one whose time is over. */
  public TestCertificates expired(String name) throws Exception {
    return leaf(name, "-startdate -2y -validity 1");
  }

  private TestCertificates leaf(String name, String validity) throws Exception {
    Path request = directory.resolve(name + ".csr");
    keytool(
        "-genkeypair -alias %s -keyalg EC -groupname secp256r1 -dname CN=%s".formatted(name, name));
    keytool("-certreq -alias %s -file %s".formatted(name, request));
    keytool(
        "-gencert -alias ca -infile %s -outfile %s -rfc %s -ext san=dns:localhost,ip:127.0.0.1"
            .formatted(request, certificate(name), validity));
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = new FileInputStream(store.toFile())) {
      keys.load(in, PASSWORD.toCharArray());
    }
    byte[] key = keys.getKey(name, PASSWORD.toCharArray()).getEncoded();
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key);
    Files.writeString(
        key(name), "-----BEGIN PRIVATE KEY-----\n" + body + "\n-----END PRIVATE KEY-----\n");
    return this;
  }

  private void keytool(String arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(arguments.split(" ")));
    command.addAll(List.of("-keystore", store.toString(), "-storepass", PASSWORD));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as("%s: %s", command, said).isZero();
  }
}
