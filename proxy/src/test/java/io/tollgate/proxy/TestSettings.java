package io.tollgate.proxy;

import io.tollgate.proxy.config.FreePorts;
import io.tollgate.proxy.config.ProxySettings;
import io.tollgate.proxy.config.yaml.ProxyFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** What the proxies of tests are told alike. */
final class TestSettings {
  private TestSettings() {}

  /**
   * A proxy of its own on free ports; what is behind it is left to be added.
   *
   * @param listener more keys of the listener, in flow style, each after a comma
   */
  static String alone(Path data, FakeControlPlane controlPlane, String listener)
      throws IOException {
    int cluster = FreePorts.one();
    return """
        node: test
        data: "%s"
        listener: {host: 127.0.0.1, port: 0%s}
        admin: {port: 0}
        letterbox: {port: 0}
        cluster: {name: "test-%d", port: %d}
        control-plane: {url: "http://127.0.0.1:%d", token: {env: TOKEN}, timeout: 20s, ship: 200ms}
        limits: {answer-within: 10s}
        """
        .formatted(data, listener, cluster, cluster, controlPlane.port());
  }

  /** With the secrets that tests' settings name. */
  static ProxySettings parse(String text) {
    return ProxyFile.parse(
        "test",
        text,
        Map.of("TOKEN", FakeControlPlane.TOKEN, "COLLECTOR", "Bearer collector-token"));
  }
}
