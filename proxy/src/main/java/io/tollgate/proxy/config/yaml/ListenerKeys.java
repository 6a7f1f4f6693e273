package io.tollgate.proxy.config.yaml;

import io.tollgate.proxy.config.AddressBlock;
import io.tollgate.proxy.config.Defence;
import io.tollgate.proxy.config.Endpoint;
import io.tollgate.proxy.config.Listener;
import io.tollgate.proxy.config.PemFiles;
import io.tollgate.proxy.config.Tls;
import io.tollgate.yaml.YamlMap;
import io.tollgate.yaml.YamlValue;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;

/** The keys below {@code listener}. */
final class ListenerKeys {
  private ListenerKeys() {}

  static Listener read(YamlMap map) {
    Endpoint endpoint = AddressKeys.endpoint(map, new Endpoint("0.0.0.0", 8000));
    List<String> trusted = map.list("trusted-peers").stream().map(ListenerKeys::block).toList();
    Listener listener =
        new Listener(
            endpoint,
            map.find("tls").map(value -> tls(value.map())).orElse(null),
            map.find("http2").map(YamlValue::bool).orElse(true),
            map.find("proxy-protocol").map(YamlValue::bool).orElse(false),
            trusted,
            defence(map.map("defence")));
    map.close();
    return listener;
  }

  private static String block(YamlValue value) {
    String text = value.text();
    try {
      var unused = AddressBlock.of(text);
      return text;
    } catch (IllegalArgumentException e) {
      throw value.mistake(
          e.getMessage() + ": an address or a CIDR block such as 10.0.0.0/8 is expected");
    }
  }

  private static Tls tls(YamlMap map) {
    Tls tls =
        new Tls(
            certificates(map.value("certificate")),
            path(map.value("key")),
            map.find("client-authority").map(ListenerKeys::certificates).orElse(null),
            map.find("client-certificate")
                .map(value -> value.oneOf(Tls.ClientCertificate.class))
                .orElse(Tls.ClientCertificate.REQUIRED));
    checkKey(map.value("key"), tls.certificate());
    if (tls.clientAuthority() == null && map.has("client-certificate")) {
      throw map.mistake(
          "client-certificate", "nobody is asked for a certificate without 'client-authority'");
    }
    map.close();
    return tls;
  }

  /** A file of certificates that can be read. */
  static Path certificates(YamlValue value) {
    Path file = path(value);
    try {
      PemFiles.checkCertificates(file);
    } catch (IllegalArgumentException e) {
      throw value.mistake(String.valueOf(e.getMessage()));
    }
    return file;
  }

  /** Refuses a key that is not the certificate's. */
  static void checkKey(YamlValue value, Path certificate) {
    try {
      PemFiles.checkKey(path(value), certificate);
    } catch (IllegalArgumentException e) {
      throw value.mistake(String.valueOf(e.getMessage()));
    }
  }

  static Path path(YamlValue value) {
    String text = value.text();
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw value.mistake("'" + text + "' is no path: " + e.getReason());
    }
  }

  private static Defence defence(YamlMap map) {
    Defence defaults = Defence.DEFAULT;
    Defence defence =
        new Defence(
            size(map, "request-line", defaults.requestLineBytes()),
            size(map, "headers", defaults.headerBytes()),
            ProxyFile.integer(map, "header-count", defaults.headerCount(), 1, 10_000),
            ProxyFile.duration(map, "header-timeout", defaults.headerTimeout()),
            bytes(map, "body-rate", defaults.bodyRate(), 0, 1 << 20),
            ProxyFile.duration(map, "idle-timeout", defaults.idleTimeout()),
            ProxyFile.integer(map, "connections", defaults.connections(), 1, 1_000_000),
            ProxyFile.integer(
                map, "connections-per-client", defaults.connectionsPerClient(), 1, 1_000_000),
            ProxyFile.integer(map, "streams", defaults.streams(), 1, 100_000),
            ProxyFile.integer(map, "resets", defaults.resets(), 1, 1_000_000),
            bytes(map, "memory", defaults.memoryBytes(), 1 << 20, 1L << 40));
    map.close();
    return defence;
  }

  private static long bytes(YamlMap map, String key, long defaultValue, long least, long most) {
    return map.find(key)
        .map(
            value -> {
              long bytes = value.bytes();
              if (bytes < least || bytes > most) {
                throw value.mistake("a size from " + least + "B to " + most + "B is expected");
              }
              return bytes;
            })
        .orElse(defaultValue);
  }

  private static int size(YamlMap map, String key, int defaultValue) {
    return map.find(key)
        .map(
            value -> {
              long bytes = value.bytes();
              if (bytes < 1024 || bytes > 1 << 20) {
                throw value.mistake("a size from 1KiB to 1MiB is expected");
              }
              return (int) bytes;
            })
        .orElse(defaultValue);
  }
}
