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
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What the proxy costs: CPU per proxied request, user and system, of the whole process; latency
 * added at half load; memory; time to ready; bytes allocated. Tollgate with an API key, two rates,
 * a quota, one metered meter with its journal and 10,000 known tenants, beside nginx with {@code
 * limit_req} and HAProxy with a stick-table, one worker each. Rounds alternate between the peers,
 * so that all see the same machine; figures are medians.
 */
final class ProxyBenchmark {
  private static final int TENANTS = 10_000;
  private static final int PROXY_PROCESSOR = 0;
  private static final int OTHER_PROCESSOR = 1;
  private static final int LEAST_WARM_UPS = 1;
  private static final int LEAST_WARM_UPS_OF_A_JVM = 4;
  private static final int MOST_WARM_UPS = 10;
  private static final double STEADY = 0.03;
  private static final int LATENCY_ROUNDS = 3;
  private static final long IDLE_MILLIS = 3000;
  private static final int INTRODUCED_AT_ONCE = 16;

  private final Path home;
  private final int rounds;
  private final int seconds;
  private final boolean transports;
  private final Map<String, String> commands;

  ProxyBenchmark(
      Path home, int rounds, int seconds, boolean transports, Map<String, String> commands) {
    this.home = home;
    this.rounds = rounds;
    this.seconds = seconds;
    this.transports = transports;
    this.commands = commands;
  }

  /** What is measured of Tollgate alone. */
  private record Own(
      double firstReadySeconds, double readySeconds, long idleMib, double allocated, Added added) {}

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
      ProxySettings settings = ProxySettings.write(directory, controlPlane.url(), upstream.port());
      long began = System.nanoTime();
      Process first = start(programs, "tollgate-first", settings);
      double firstReady = (System.nanoTime() - began) / 1e9;
      first.destroy();
      Thread.sleep(IDLE_MILLIS);
      began = System.nanoTime();
      Process tollgate = start(programs, "tollgate", settings);
      double ready = (System.nanoTime() - began) / 1e9;
      Thread.sleep(IDLE_MILLIS);
      long idle = Cpu.residentKib(tollgate.toHandle()) / 1024;
      List<Peer> peers = new ArrayList<>();
      peers.add(new Peer("tollgate", tollgate, settings.port()));
      peers.addAll(others(programs, directory, controlPlane.url(), upstream.port()));
      for (Peer peer : peers) {
        if (peer.name().startsWith("tollgate")) {
          introduceTenants(peer.port());
        }
      }
      Load load = Load.prepare(wrk.get(), directory, TENANTS, OTHER_PROCESSOR);
      double allocated = measure(peers, load, settings.admin());
      Added added = addedLatency(peers, upstream.port(), load);
      return report(peers, new Own(firstReady, ready, idle, allocated, added));
    }
  }

  private Process start(Programs programs, String name, ProxySettings settings)
      throws IOException, InterruptedException {
    Process process = programs.start(name, PROXY_PROCESSOR, settings.command(home));
    Programs.awaitPort(process, settings.port());
    return process;
  }

  private List<Peer> others(Programs programs, Path directory, String controlPlane, int upstream)
      throws IOException, InterruptedException {
    List<Peer> peers = new ArrayList<>();
    Optional<Path> nginx = Programs.find("nginx");
    if (nginx.isPresent()) {
      peers.add(nginx(nginx.get(), programs, directory, upstream));
    }
    Optional<Path> haproxy = Programs.find("haproxy");
    if (haproxy.isPresent()) {
      int port = Programs.freePort();
      Process process =
          programs.start(
              "haproxy",
              PROXY_PROCESSOR,
              HaProxy.command(haproxy.get(), directory, port, upstream));
      Programs.awaitPort(process, port);
      peers.add(new Peer("haproxy", process, port));
    }
    for (String transport : transports ? List.of("epoll", "nio") : List.<String>of()) {
      ProxySettings settings = ProxySettings.write(directory, controlPlane, upstream, transport);
      peers.add(
          new Peer(
              "tollgate-" + transport,
              start(programs, "tollgate-" + transport, settings),
              settings.port()));
    }
    for (Map.Entry<String, String> command : commands.entrySet()) {
      peers.add(asked(command.getKey(), command.getValue(), programs, upstream));
    }
    return peers;
  }

  /** A proxy that whoever runs this asked for. */
  private static Peer asked(String name, String command, Programs programs, int upstream)
      throws IOException, InterruptedException {
    int port = Programs.freePort();
    String filled =
        command
            .replace("{port}", Integer.toString(port))
            .replace("{upstream}", Integer.toString(upstream));
    Process process =
        programs.start(name, PROXY_PROCESSOR, List.of(filled.strip().split(" +", -1)));
    Programs.awaitPort(process, port);
    return new Peer(name, process, port);
  }

  /**
   * Every tenant calls once, so that the proxy knows all of them before anything is measured. It
   * asks the control plane for so many a second at most, and answers 503 beyond: those call again.
   */
  private static void introduceTenants(int port) throws IOException, InterruptedException {
    System.out.println("introducing " + TENANTS + " tenants ...");
    List<Callable<Void>> callers = new ArrayList<>();
    try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int caller = 0; caller < INTRODUCED_AT_ONCE; caller++) {
        int first = caller;
        callers.add(
            () -> {
              for (int tenant = first; tenant < TENANTS; tenant += INTRODUCED_AT_ONCE) {
                introduce(client, port, tenant);
              }
              return null;
            });
      }
      for (Future<Void> caller : threads.invokeAll(callers)) {
        caller.get();
      }
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    }
  }

  private static void introduce(HttpClient client, int port, int tenant)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/causes"))
            .setHeader("X-Api-Key", ControlPlaneDouble.key(tenant))
            .build();
    int status = 503;
    while (status == 503) {
      status = client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
      if (status == 503) {
        Thread.sleep(50);
      }
    }
    if (status != 200) {
      throw new IOException("tenant " + tenant + " was answered " + status);
    }
  }

  /**
   * Measures all peers.
   *
   * @return bytes Tollgate allocated a request
   */
  private double measure(List<Peer> peers, Load load, int admin)
      throws IOException, InterruptedException {
    for (Peer peer : peers) {
      warmUp(peer, load);
    }
    double allocated = 0;
    for (int round = 1; round <= rounds; round++) {
      for (Peer peer : peers) {
        boolean own = peer.name().equals("tollgate");
        double before = own ? allocatedBytes(admin) : 0;
        Peer.Round measured = round(peer, load);
        allocated += own ? allocatedBytes(admin) - before : 0;
        peer.counted().add(measured);
        System.out.printf(
            Locale.ROOT,
            "round %d  %-15s %7.1f us CPU a request  %8d requests  p50 %5d us  p99 %6d us%n",
            round,
            peer.name(),
            measured.cpuMicros(),
            measured.result().requests(),
            measured.result().p50(),
            measured.result().p99());
      }
    }
    return allocated / peers.getFirst().requests();
  }

  /** Until two rounds cost the same; in a JVM the compiler has to be done as well. */
  private void warmUp(Peer peer, Load load) throws IOException, InterruptedException {
    boolean nativeCode = peer.name().equals("nginx") || peer.name().equals("haproxy");
    int least = nativeCode ? LEAST_WARM_UPS : LEAST_WARM_UPS_OF_A_JVM;
    double last = Double.MAX_VALUE;
    for (int i = 0; i < MOST_WARM_UPS; i++) {
      double cpu = round(peer, load).cpuMicros();
      if (i >= least && Math.abs(cpu - last) < STEADY * last) {
        return;
      }
      last = cpu;
    }
  }

  private Peer.Round round(Peer peer, Load load) throws IOException, InterruptedException {
    long before = Cpu.micros(peer.process());
    Load.Result result = load.run(peer.port(), seconds);
    double cpu = (double) (Cpu.micros(peer.process()) - before) / result.requests();
    return new Peer.Round(cpu, result, Cpu.residentKib(peer.process()));
  }

  /** Milliseconds added to direct calls: by Tollgate, and by nginx for comparison. */
  private record Added(
      List<Double> p50, List<Double> p99, List<Double> nginxP50, List<Double> nginxP99) {}

  /** What is added at half of what Tollgate can carry. */
  private Added addedLatency(List<Peer> peers, int upstream, Load load)
      throws IOException, InterruptedException {
    Peer tollgate = peers.getFirst();
    int half = (int) (tollgate.requests() / ((long) rounds * seconds) / 2);
    Added added =
        new Added(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    for (int i = 0; i < LATENCY_ROUNDS; i++) {
      Load.Result direct = load.paced(upstream, seconds, half);
      System.out.printf(
          Locale.ROOT,
          "%d requests a second  direct    p50 %5d us  p99 %6d us  (%d errors)%n",
          half,
          direct.p50(),
          direct.p99(),
          direct.errors());
      through(tollgate, half, load, direct, added.p50(), added.p99());
      for (Peer peer : peers) {
        if (peer.name().equals("nginx")) {
          through(peer, half, load, direct, added.nginxP50(), added.nginxP99());
        }
      }
    }
    return added;
  }

  private void through(
      Peer peer, int half, Load load, Load.Result direct, List<Double> p50, List<Double> p99)
      throws IOException, InterruptedException {
    Load.Result through = load.paced(peer.port(), seconds, half);
    System.out.printf(
        Locale.ROOT,
        "%d requests a second  %-9s p50 %5d us  p99 %6d us  (%d errors)%n",
        half,
        peer.name(),
        through.p50(),
        through.p99(),
        through.errors());
    p50.add((through.p50() - direct.p50()) / 1000.0);
    p99.add((through.p99() - direct.p99()) / 1000.0);
  }

  /** What the JVM says its collector has seen allocated. */
  private static double allocatedBytes(int admin) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin + "/metrics")).build();
      return client
          .send(request, HttpResponse.BodyHandlers.ofString())
          .body()
          .lines()
          .filter(line -> line.startsWith("jvm_memory_pool_allocated_bytes_total{"))
          .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
          .sum();
    }
  }

  private int report(List<Peer> peers, Own own) {
    System.out.printf(
        "%n%-15s %14s %12s %10s %10s %8s %8s%n",
        "", "CPU us/request", "requests", "p50 us", "p99 us", "RSS MiB", "errors");
    for (Peer peer : peers) {
      System.out.printf(
          Locale.ROOT,
          "%-15s %14.1f %12d %10.0f %10.0f %8d %8d%n",
          peer.name(),
          peer.cpu(),
          peer.requests(),
          peer.p50(),
          peer.p99(),
          peer.residentMib(),
          peer.errors());
    }
    Peer tollgate = peers.getFirst();
    StringBuilder json = new StringBuilder("{\"bench\":\"proxy\"");
    figure(json, "cpu_us", "%.1f", tollgate.cpu());
    ratio(json, "cpu_ratio_nginx", tollgate, peers, "nginx");
    ratio(json, "cpu_ratio_haproxy", tollgate, peers, "haproxy");
    ratio(json, "cpu_ratio_epoll", tollgate, peers, "tollgate-epoll");
    ratio(json, "cpu_ratio_nio", tollgate, peers, "tollgate-nio");
    for (String name : commands.keySet()) {
      ratio(json, "cpu_ratio_" + name, tollgate, peers, name);
    }
    latency(json, "", own.added().p50(), own.added().p99());
    latency(json, "_nginx", own.added().nginxP50(), own.added().nginxP99());
    figure(json, "rss_idle_mib", "%.0f", (double) own.idleMib());
    figure(json, "rss_load_mib", "%.0f", (double) tollgate.residentMib());
    figure(json, "ready_s", "%.2f", own.readySeconds());
    figure(json, "ready_first_s", "%.2f", own.firstReadySeconds());
    figure(json, "alloc_bytes_per_request", "%.0f", own.allocated());
    System.out.println();
    System.out.println(json.append('}'));
    return peers.stream().allMatch(peer -> peer.errors() == 0) ? 0 : 1;
  }

  /** Null where it was not measured. */
  private static void latency(
      StringBuilder json, String whose, List<Double> p50, List<Double> p99) {
    if (p50.isEmpty()) {
      json.append(",\"added_p50").append(whose).append("_ms\":null");
      json.append(",\"added_p99").append(whose).append("_ms\":null");
    } else {
      figure(json, "added_p50" + whose + "_ms", "%.3f", Peer.median(p50));
      figure(json, "added_p99" + whose + "_ms", "%.3f", Peer.median(p99));
    }
  }

  private static void figure(StringBuilder json, String key, String format, double value) {
    json.append(",\"").append(key).append("\":").append(String.format(Locale.ROOT, format, value));
  }

  /** Tollgate's CPU by a peer's; null where the peer is not there. */
  private static void ratio(
      StringBuilder json, String key, Peer tollgate, List<Peer> peers, String name) {
    Optional<Peer> peer = peers.stream().filter(each -> each.name().equals(name)).findFirst();
    if (peer.isPresent()) {
      figure(json, key, "%.2f", tollgate.cpu() / peer.get().cpu());
    } else {
      json.append(",\"").append(key).append("\":null");
    }
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
    return new Peer("nginx", process, port);
  }
}
