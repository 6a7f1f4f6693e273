package io.tollgate.examples.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Invoices per second of a run, from a control plane with its own PostgreSQL on the same machine:
 * each with base fee, add-on, tiered usage, coupon and tax, final and stored. The tenants live by
 * one test clock; what is timed is moving it over a period's end, which two workers do.
 */
final class BillingBenchmark {
  private static final String TOKEN = "benchmark-admin-token-0123456789";
  private static final int CALLERS = 8;
  private static final int PREVIEWS = 1000;
  private static final int RUNS = 3;

  /** From so many tenants on, how time and memory grow with them is told, and two runs do. */
  private static final int MANY = 20_000;

  /** When the tenants' first period begins. */
  private static final LocalDate FIRST = LocalDate.of(2026, 1, 2);

  private static final int PACE = 10_000;
  private static final int EVENTS = 1000;

  /** Tenants a request brings. */
  private static final int BROUGHT = 200;

  private static final String CATALOG =
      """
      catalog: bench
      title: Benchmark
      seller: {name: Benchmark Ltd, country: IN, region: MH}
      taxes:
        inclusive: false
        rates:
          - {name: GST, country: IN, percent: 18, split: india-gst}
      policies:
        dunning:
          due-day: 80
          steps:
            - {day: 90, state: grace, reminder: grace}
      products:
        api: {title: API}
      meters:
        calls: {title: API calls, unit: call}
      plans:
        pro:
          product: api
          title: Pro
          prices: {INR: {monthly: 999}}
          charges:
            calls:
              title: API calls
              meter: calls
              prices:
                INR:
                  model: graduated
                  tiers:
                    - {up-to: 1000, unit-price: 0.1}
                    - {above: 1000, up-to: 10000, unit-price: 0.08}
                    - {above: 10000, unit-price: 0.05}
        team:
          product: api
          title: Team
          prices: {INR: {monthly: 2999}}
      add-ons:
        seats: {title: Seats, unit: seat, plans: [pro, team], prices: {INR: {monthly: 299}}}
      coupons:
        TEN: {title: Ten per cent off, percent: 10, periods: forever}
      """;

  private final ObjectMapper json = new ObjectMapper();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Path home;
  private final int tenants;
  private String api = "";

  BillingBenchmark(Path home, int tenants) {
    this.home = home;
    this.tenants = tenants;
  }

  int run() throws Exception {
    Path directory = Files.createTempDirectory("tollgate-billing");
    try (Programs programs = new Programs(directory)) {
      ProcessHandle controlPlane = start(programs, directory);
      String clock = furnish();
      drive(clock, controlPlane);
      // Bought for the next day: many start together by the agenda, each invoiced at once.
      timed(() -> advance(clock, FIRST + "T00:00:00Z", controlPlane));
      long calls = 0;
      double[] runs = new double[1 + (tenants >= MANY ? 1 : RUNS)];
      for (int run = 0; run < runs.length; run++) {
        calls += use();
        String end = FIRST.plusMonths(run + 1) + "T00:00:00Z";
        runs[run] = timed(() -> advance(clock, end, controlPlane));
        System.out.printf("run %d       %8.0f invoices/s%n", run + 1, tenants / runs[run]);
      }
      checkLines();
      double seconds = median(Arrays.copyOfRange(runs, 1, runs.length));
      double[] previews = previews();
      double p99 = previews[(int) (previews.length * 0.99)];
      rerate();
      double simulated = timed(this::rerate);
      long resident = Cpu.residentKib(controlPlane) / 1024;
      System.out.printf("%d tenants, %d calls used%n", tenants, calls);
      System.out.printf("median      %8.0f invoices/s%n", tenants / seconds);
      System.out.printf(
          "preview     %8.2f ms median, %.2f ms p99%n", previews[previews.length / 2], p99);
      System.out.printf(
          "re-rated    %8.0f invoices/s under a draft catalog%n", 3 * tenants / simulated);
      System.out.printf("resident    %8d MiB, PostgreSQL included%n%n", resident);
      System.out.printf(
          Locale.ROOT,
          "{\"bench\":\"billing\",\"invoices_per_s\":%.0f,\"preview_p99_ms\":%.2f,"
              + "\"simulated_per_s\":%.0f,\"rss_mib\":%d}%n",
          tenants / seconds,
          p99,
          3 * tenants / simulated,
          resident);
      return 0;
    }
  }

  private ProcessHandle start(Programs programs, Path directory)
      throws IOException, InterruptedException {
    int port = Programs.freePort();
    Path config = directory.resolve("control-plane.yaml");
    Files.writeString(
        config,
        """
        listen: {port: %d}
        database:
          embedded: {data: %s, port: %d}
        test-clocks: true
        tokens:
          - {role: admin, secret: {file: %s}}
        """
            .formatted(
                port,
                directory.resolve("data"),
                Programs.freePort(),
                Files.writeString(directory.resolve("token"), TOKEN)));
    Process process =
        programs.startAnywhere(
            "control-plane",
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                home.resolve("control-plane/server/target/tollgate-control-plane.jar").toString(),
                "--config",
                config.toString()));
    Programs.awaitPort(process, port);
    api = "http://127.0.0.1:" + port + "/api/billing";
    return process.toHandle();
  }

  private String furnish() throws IOException, InterruptedException {
    call("/catalogs", "application/yaml", CATALOG);
    return post("/test-clocks", "{\"name\":\"bench\",\"now\":\"2026-01-01T00:00:00Z\"}")
        .path("id")
        .asText();
  }

  /** Tenants with their subscriptions. */
  private void drive(String clock, ProcessHandle controlPlane)
      throws InterruptedException, ExecutionException {
    for (int from = 0; from < tenants; from += PACE) {
      List<Callable<Long>> work = new ArrayList<>();
      int end = Math.min(tenants, from + PACE);
      for (int i = from; i < end; i += BROUGHT) {
        int first = i;
        work.add(() -> bring(first, Math.min(end, first + BROUGHT), clock));
      }
      long start = System.nanoTime();
      together(work);
      tell("tenants", end, start, controlPlane);
    }
  }

  private void tell(String what, long so, long start, ProcessHandle controlPlane) {
    if (tenants >= MANY) {
      System.out.printf(
          "%-10s %7d  %6.1f s  %5d MiB%n",
          what, so, (System.nanoTime() - start) / 1e9, Cpu.residentKib(controlPlane) / 1024);
    }
  }

  /** A month's usage of each tenant, thousand events a request; how many units that are. */
  private long use() throws InterruptedException, ExecutionException {
    List<Callable<Long>> work = new ArrayList<>();
    for (int i = 0; i < tenants; i += EVENTS) {
      int first = i;
      work.add(() -> use(first, Math.min(tenants, first + EVENTS)));
    }
    return together(work);
  }

  private long use(int first, int end) throws IOException, InterruptedException {
    StringJoiner events = new StringJoiner(",", "{\"events\":[", "]}");
    long units = 0;
    for (int i = first; i < end; i++) {
      int delta = 5000 + i % 977;
      units += delta;
      events.add("{\"tenant\":\"t%d\",\"meter\":\"calls\",\"delta\":%d}".formatted(i, delta));
    }
    post("/usage", events.toString());
    return units;
  }

  /** Does the work by several callers at once; the sum of what it answers. */
  private static long together(List<Callable<Long>> work)
      throws InterruptedException, ExecutionException {
    long sum = 0;
    try (ExecutorService callers = Executors.newFixedThreadPool(CALLERS)) {
      for (Future<Long> done : callers.invokeAll(work)) {
        sum += done.get();
      }
    }
    return sum;
  }

  /** A run counts only if it billed what it should: each invoice all five kinds of line. */
  private void checkLines() throws IOException, InterruptedException {
    JsonNode invoice =
        read(send("GET", "/invoices?tenant=t" + (tenants - 1), "", "")).path("items").path(0);
    JsonNode whole = read(send("GET", "/invoices/" + invoice.path("id").asText(), "", ""));
    Set<String> kinds = new TreeSet<>();
    whole.path("lines").forEach(line -> kinds.add(line.path("kind").asText()));
    if (!kinds.containsAll(Set.of("BASE_FEE", "ADD_ON", "USAGE", "DISCOUNT"))
        || whole.path("tax").asDouble() <= 0) {
      throw new IOException("an invoice lacks some kind of line: " + whole);
    }
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  /** Some tenants with a subscription each, as an import brings them. */
  private long bring(int first, int end, String clock) throws IOException, InterruptedException {
    StringJoiner these = new StringJoiner(",", "[", "]");
    StringJoiner subscriptions = new StringJoiner(",", "[", "]");
    for (int i = first; i < end; i++) {
      these.add(
          """
          {"id":"t%d","name":"t%d","zone":"UTC","currency":"INR","testClock":"%s",
           "billing":{"country":"IN","region":"MH"}}
          """
              .formatted(i, i, clock));
      subscriptions.add(
          """
          {"tenant":"t%d","catalog":"bench","plan":"pro","addOns":[{"addOn":"seats","quantity":3}],
           "coupons":["TEN"],"startsAt":"%sT00:00:00Z"}
          """
              .formatted(i, FIRST));
    }
    post("/imports/tenants", these.toString());
    post("/imports/subscriptions", subscriptions.toString());
    return (long) end - first;
  }

  /** Moves the clock; a move that takes longer than a request waits is asked for again. */
  private JsonNode advance(String clock, String to, ProcessHandle controlPlane)
      throws IOException, InterruptedException {
    String patience = "wait=" + (tenants >= MANY ? 1 : 60);
    String path = "/test-clocks/" + clock + "/advance";
    String body = "{\"to\":\"" + to + "\"}";
    long start = System.nanoTime();
    long most = 0;
    long told = 0;
    JsonNode stands;
    do {
      stands = read(send("POST", path, "application/json", body, "Prefer", patience));
      // Many are looked at on the way, which few would be slowed by.
      long due = tenants >= MANY ? due(clock) : 0;
      most = Math.max(most, due);
      if (most - due >= told + PACE) {
        told = most - due;
        tell("done", told, start, controlPlane);
        start = System.nanoTime();
      }
    } while (stands.has("advancingTo"));
    return stands;
  }

  /** How many entries of the agenda are due where the clock stands. */
  private long due(String clock) throws IOException, InterruptedException {
    long due = 0;
    for (JsonNode kind : read(send("GET", "/agenda?testClock=" + clock, "", "")).path("kinds")) {
      due += kind.path("due").asLong();
    }
    return due;
  }

  /** Each tenant's three invoices under a draft whose fee, tiers and seats all cost more. */
  private JsonNode rerate() throws IOException, InterruptedException {
    String draft =
        CATALOG
            .replace("monthly: 999}", "monthly: 1099}")
            .replace("monthly: 299}", "monthly: 349}");
    JsonNode simulation = call("/simulations/re-ratings?invoices=3", "application/yaml", draft);
    String path = "/simulations/re-ratings/" + simulation.path("id").asText();
    while (simulation.path("state").asText().equals("RUNNING")) {
      Thread.sleep(20);
      simulation = read(send("GET", path, "", ""));
    }
    if (simulation.path("result").path("invoices").asInt() != 3 * tenants) {
      throw new IOException("re-rated too few invoices: " + simulation);
    }
    return simulation;
  }

  private double[] previews() throws IOException, InterruptedException {
    String subscription =
        read(send("GET", "/subscriptions?tenant=t1", "", ""))
            .path("items")
            .path(0)
            .path("id")
            .asText();
    double[] millis = new double[PREVIEWS];
    for (int i = -50; i < PREVIEWS; i++) {
      long start = System.nanoTime();
      post("/subscriptions/" + subscription + "/preview", "{\"addOn\":\"seats\",\"quantity\":9}");
      if (i >= 0) {
        millis[i] = (System.nanoTime() - start) / 1e6;
      }
    }
    Arrays.sort(millis);
    return millis;
  }

  private static double timed(Callable<JsonNode> work) throws Exception {
    long start = System.nanoTime();
    work.call();
    return (System.nanoTime() - start) / 1e9;
  }

  private JsonNode post(String path, String body) throws IOException, InterruptedException {
    return call(path, "application/json", body);
  }

  private JsonNode call(String path, String type, String body)
      throws IOException, InterruptedException {
    return read(send("POST", path, type, body));
  }

  private JsonNode read(HttpResponse<String> answer) throws IOException {
    if (answer.statusCode() >= 300) {
      throw new IOException(answer.request().uri() + ": " + answer.body());
    }
    return json.readTree(answer.body());
  }

  private HttpResponse<String> send(
      String method, String path, String type, String body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(api + path))
            .timeout(Duration.ofMinutes(30))
            .header("Authorization", "Bearer " + TOKEN);
    if (!type.isEmpty()) {
      request.header("Content-Type", type);
    }
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(
        request.method(method, BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
  }
}
