package io.tollgate.examples.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** An nginx of the benchmark's own: one worker, nothing outside its folder. */
final class Nginx {
  private Nginx() {}

  /** A configuration file around the given {@code http} block's content. */
  static String settings(Path folder, String http) {
    return """
        daemon off;
        worker_processes 1;
        pid %1$s/nginx.pid;
        error_log %1$s/error.log;
        events { worker_connections 4096; }
        http {
          access_log off;
          keepalive_requests 1000000000;
          client_body_temp_path %1$s/body;
          proxy_temp_path %1$s/proxy;
          fastcgi_temp_path %1$s/fastcgi;
          uwsgi_temp_path %1$s/uwsgi;
          scgi_temp_path %1$s/scgi;
        %2$s}
        """
        .formatted(folder, http);
  }

  /** Writes the settings and gives the command that runs them in the foreground. */
  static List<String> command(Path nginx, Path directory, String name, String settings)
      throws IOException {
    Path folder = Files.createDirectories(directory.resolve(name));
    Path file = Files.writeString(folder.resolve("nginx.conf"), settings);
    return List.of(nginx.toString(), "-p", folder.toString(), "-c", file.toString());
  }
}
