package io.tollgate.examples.benchmarks;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * CPU per proxied request, user and system, of the whole process: Tollgate with an API key, two
 * rates, a quota, one metered meter with its journal and 10,000 known tenants, beside nginx with
 * {@code limit_req}, one worker. Rounds alternate between the peers, so that both see the same
 * machine; figures are medians.
 */
final class ProxyBenchmark {
  private static final int TENANTS = 10_000;
  private static final int PROXY_PROCESSOR = 0;
  private static final int OTHER_PROCESSOR = 1;

  private final Path home;
  private final int rounds;
  private final int seconds;

  ProxyBenchmark(Path home, int rounds, int seconds) {
    this.home = home;
    this.rounds = rounds;
    this.seconds = seconds;
  }

  /** One round of one peer. */
  private record Round(double cpuMicros, Load.Result result, long residentKib) {}

  /** A proxy under load and what was measured of it. */
  private record Peer(String name, ProcessHandle process, int port, List<Round> counted) {
    double cpu() {
      return median(counted.stream().map(Round::cpuMicros).toList());
    }

    double p50() {
      return median(counted.stream().map(round -> (double) round.result().p50()).toList());
    }

    double p99() {
      return median(counted.stream().map(round -> (double) round.result().p99()).toList());
    }

    long requests() {
      return counted.stream().mapToLong(round -> round.result().requests()).sum();
    }

    long errors() {
      return counted.stream().mapToLong(round -> round.result().errors()).sum();
    }

    private static double median(List<Double> values) {
      List<Double> sorted = values.stream().sorted().toList();
      return sorted.get(sorted.size() / 2);
    }
  }

  int run() throws IOException, InterruptedException {
    Optional<Path> wrk = Programs.find("wrk");
    if (wrk.isEmpty()) {
      System.err.println(
          "This benchmark needs wrk as its load: install it, for example: apt-get install wrk");
      return 1;
    }
    Path directory = Files.createTempDirectory("tollgate-benchmark");
    try (Programs programs = new Programs(directory);
        ControlPlaneDouble controlPlane = new ControlPlaneDouble(TENANTS)) {
      Upstream upstream = Upstream.start(programs, directory, OTHER_PROCESSOR);
      List<Peer> peers = new ArrayList<>();
      peers.add(tollgate(programs, directory, controlPlane.url(), upstream.port()));
      Optional<Path> nginx = Programs.find("nginx");
      if (nginx.isPresent()) {
        peers.add(nginx(nginx.get(), programs, directory, upstream.port()));
      } else {
        System.out.println("nginx is not installed; there is nothing to compare with.");
      }
      introduceTenants(peers.getFirst().port());
      measure(peers, Load.prepare(wrk.get(), directory, TENANTS, OTHER_PROCESSOR));
      return report(peers);
    }
  }

  /**
   * Every tenant calls once, so that the proxy knows all of them before anything is measured. It
   * asks the control plane for so many a second at most, and answers 503 beyond: those call again.
   */
  private static void introduceTenants(int port) throws IOException, InterruptedException {
    System.out.println("introducing " + TENANTS + " tenants ...");
    try (HttpClient client = HttpClient.newHttpClient()) {
      for (int tenant = 0; tenant < TENANTS; tenant++) {
        HttpRequest request =
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/causes"))
                .setHeader("X-Api-Key", ControlPlaneDouble.key(tenant))
                .build();
        int status = client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        if (status == 503) {
          Thread.sleep(50);
          tenant--;
        } else if (status != 200) {
          throw new IOException("tenant " + tenant + " was answered " + status);
        }
      }
    }
  }

  private void measure(List<Peer> peers, Load load) throws IOException, InterruptedException {
    // The first rounds load every tenant and warm the compiler; they are not counted.
    for (int warmUp = 0; warmUp < 3; warmUp++) {
      for (Peer peer : peers) {
        load.run(peer.port(), seconds);
      }
    }
    for (int round = 1; round <= rounds; round++) {
      for (Peer peer : peers) {
        long before = Cpu.micros(peer.process());
        Load.Result result = load.run(peer.port(), seconds);
        double cpu = (double) (Cpu.micros(peer.process()) - before) / result.requests();
        peer.counted().add(new Round(cpu, result, Cpu.residentKib(peer.process())));
        System.out.printf(
            Locale.ROOT,
            "round %d  %-9s %7.1f us CPU a request  %8d requests  p50 %5d us  p99 %6d us%n",
            round,
            peer.name(),
            cpu,
            result.requests(),
            result.p50(),
            result.p99());
      }
    }
  }

  private static int report(List<Peer> peers) {
    System.out.printf(
        "%n%-10s %14s %12s %10s %10s %8s%n",
        "", "CPU us/request", "requests", "p50 us", "p99 us", "errors");
    for (Peer peer : peers) {
      System.out.printf(
          Locale.ROOT,
          "%-10s %14.1f %12d %10.0f %10.0f %8d%n",
          peer.name(),
          peer.cpu(),
          peer.requests(),
          peer.p50(),
          peer.p99(),
          peer.errors());
    }
    Peer tollgate = peers.getFirst();
    StringBuilder json = new StringBuilder("{\"bench\":\"proxy\"");
    json.append(String.format(Locale.ROOT, ",\"cpu_us\":%.1f", tollgate.cpu()));
    if (peers.size() > 1) {
      json.append(
          String.format(
              Locale.ROOT, ",\"cpu_ratio_nginx\":%.2f", tollgate.cpu() / peers.get(1).cpu()));
    } else {
      json.append(",\"cpu_ratio_nginx\":null");
    }
    json.append(
        String.format(
            Locale.ROOT,
            ",\"rss_load_mib\":%d}",
            tollgate.counted().getLast().residentKib() / 1024));
    System.out.println();
    System.out.println(json);
    return peers.stream().allMatch(peer -> peer.errors() == 0) ? 0 : 1;
  }

  private Peer tollgate(Programs programs, Path directory, String controlPlane, int upstream)
      throws IOException, InterruptedException {
    ProxySettings settings = ProxySettings.write(directory, controlPlane, upstream);
    Process process = programs.start("tollgate", PROXY_PROCESSOR, settings.command(home));
    Programs.awaitPort(process, settings.port());
    return new Peer("tollgate", process.toHandle(), settings.port(), new ArrayList<>());
  }

  private static Peer nginx(Path nginx, Programs programs, Path directory, int upstream)
      throws IOException, InterruptedException {
    int port = Programs.freePort();
    String settings =
        Nginx.settings(
            directory.resolve("nginx-proxy"),
            """
              limit_req_zone $http_x_api_key zone=tenants:16m rate=100000r/s;
              upstream service {
                server 127.0.0.1:%d;
                keepalive 64;
              }
              server {
                listen 127.0.0.1:%d;
                location / {
                  limit_req zone=tenants burst=100000 nodelay;
                  proxy_pass http://service;
                  proxy_http_version 1.1;
                  proxy_set_header Connection "";
                }
              }
            """
                .formatted(upstream, port));
    Process process =
        programs.start(
            "nginx", PROXY_PROCESSOR, Nginx.command(nginx, directory, "nginx-proxy", settings));
    Programs.awaitPort(process, port);
    return new Peer("nginx", process.toHandle(), port, new ArrayList<>());
  }
}
