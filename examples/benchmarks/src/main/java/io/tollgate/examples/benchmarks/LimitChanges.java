package io.tollgate.examples.benchmarks;

import io.tollgate.contract.KeyHash;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How soon a raised limit is in force: from the moment the control plane's change goes out to a
 * call that passes at each of two proxies, which refused it until then.
 */
final class LimitChanges {
  private static final int CHANGES = 100;
  private static final int UPSTREAM_PROCESSOR = 1;

  private LimitChanges() {}

  /** The 99th percentile in milliseconds, over both proxies. */
  static long measure(Path home) throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("tollgate-benchmark");
    try (Programs programs = new Programs(directory);
        ControlPlaneDouble controlPlane = new ControlPlaneDouble(1);
        HttpClient client = HttpClient.newHttpClient()) {
      Upstream upstream = Upstream.start(programs, directory, UPSTREAM_PROCESSOR);
      List<ProxySettings> proxies =
          ProxySettings.writePair(directory, controlPlane.url(), upstream.port());
      for (ProxySettings proxy : proxies) {
        Process process = programs.startAnywhere("proxy-" + proxy.port(), proxy.command(home));
        Programs.awaitPort(process, proxy.port());
      }
      return measure(controlPlane, client, proxies);
    }
  }

  private static long measure(
      ControlPlaneDouble controlPlane, HttpClient client, List<ProxySettings> proxies)
      throws IOException, InterruptedException {
    List<KeyHash> keys = ControlPlaneDouble.keys(0);
    List<Long> millis = new ArrayList<>();
    long quota = 0;
    controlPlane.change(Tenants.quota("tenant-0", 2, keys, quota));
    for (int change = 0; change < CHANGES; change++) {
      for (ProxySettings proxy : proxies) {
        awaitStatus(client, proxy, 429);
      }
      quota += proxies.size();
      long began = System.nanoTime();
      controlPlane.change(Tenants.quota("tenant-0", 3 + change, keys, quota));
      for (ProxySettings proxy : proxies) {
        awaitStatus(client, proxy, 200);
        millis.add((System.nanoTime() - began) / 1_000_000);
      }
    }
    return millis.stream().sorted().toList().get(millis.size() * 99 / 100);
  }

  private static void awaitStatus(HttpClient client, ProxySettings proxy, int wanted)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + proxy.port() + "/causes"))
            .setHeader("X-Api-Key", ControlPlaneDouble.key(0))
            .build();
    for (int i = 0; i < 10_000; i++) {
      if (client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == wanted) {
        return;
      }
    }
    throw new IOException("a proxy never answered " + wanted);
  }
}
