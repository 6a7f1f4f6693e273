package io.tollgate.examples.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A HAProxy of the benchmark's own: one thread, a stick-table that counts each key's requests. */
final class HaProxy {
  private HaProxy() {}

  /** Writes the settings and gives the command that runs them in the foreground. */
  static List<String> command(Path haproxy, Path directory, int port, int upstream)
      throws IOException {
    Path file =
        Files.writeString(
            directory.resolve("haproxy.cfg"),
            """
            global
              nbthread 1
              maxconn 4096
            defaults
              mode http
              timeout connect 2s
              timeout client 75s
              timeout server 30s
              timeout http-request 10s
            frontend traffic
              bind 127.0.0.1:%d
              stick-table type string len 64 size 100k expire 1m store http_req_rate(10s)
              http-request track-sc0 hdr(X-Api-Key)
              http-request deny deny_status 429 if { sc_http_req_rate(0) gt 100000000 }
              default_backend service
            backend service
              http-reuse always
              server upstream 127.0.0.1:%d
            """
                .formatted(port, upstream));
    return List.of(haproxy.toString(), "-db", "-f", file.toString());
  }
}
