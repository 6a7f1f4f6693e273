package io.tollgate.controlplane;

import io.tollgate.controlplane.catalog.version.Catalogs;
import io.tollgate.controlplane.database.Await;
import io.tollgate.controlplane.database.Database;
import io.tollgate.controlplane.database.ScratchPostgres;
import io.tollgate.controlplane.discount.Redemptions;
import io.tollgate.controlplane.dunning.Dunning;
import io.tollgate.controlplane.entitlement.EntitlementDirectory;
import io.tollgate.controlplane.invoice.document.DocumentRoutes;
import io.tollgate.controlplane.invoice.run.InvoiceRoom;
import io.tollgate.controlplane.payment.ManualProvider;
import io.tollgate.controlplane.payment.PaymentProviders;
import io.tollgate.controlplane.payment.Payments;
import io.tollgate.controlplane.simulation.Reratings;
import io.tollgate.controlplane.simulation.scenario.Scenario;
import io.tollgate.controlplane.simulation.scenario.ScenarioReader;
import io.tollgate.controlplane.simulation.scenario.ScenarioResult;
import io.tollgate.controlplane.simulation.scenario.ScenarioRunner;
import io.tollgate.controlplane.simulation.scenario.ScriptedProvider;
import io.tollgate.controlplane.subscription.Subscriptions;
import io.tollgate.controlplane.tenant.Tenants;
import io.tollgate.controlplane.time.TestClocks;
import io.tollgate.controlplane.transfer.Transfers;
import io.tollgate.controlplane.usage.Usage;
import io.tollgate.controlplane.wallet.Wallets;
import io.tollgate.controlplane.web.Wire;
import io.tollgate.yaml.YamlException;
import io.tollgate.yaml.YamlFile;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs scenario files in a scratch database. */
@Command(
    name = "scenario",
    description = {
      "Runs scenario files on a test clock in a scratch database and says which expectations"
          + " failed.",
      "It is how a pricing team tests its catalog. Exit status 1 where one did, 2 where a file"
          + " cannot be read; the others run. The format: examples/catalogs/scenarios/README.md."
    },
    mixinStandardHelpOptions = true)
final class ScenarioCommand implements Callable<Integer> {
  private static final int AT_ONCE = 3;

  /** An attempt to collect waits for its provider with two connections, four at once. */
  private static final int POOL = 12 * AT_ONCE;

  private static final String NOBODY = "nobody listens here";
  private static final String SETTINGS =
      "test-clocks: true\ntokens: [{role: admin, secret: {env: NONE}}]\n";

  @Spec private @Nullable CommandSpec spec;

  @Parameters(paramLabel = "FILE", arity = "1..*", description = "Scenario files.")
  private List<Path> files = List.of();

  @Option(
      names = "--json",
      description = "Print every invoice, credit note, period, balance and state as JSON.")
  private boolean json;

  private final List<ScenarioResult> unread = new ArrayList<>();
  private volatile boolean stopping;

  @Override
  public Integer call() {
    // The server starts while the files are read.
    CompletableFuture<ScratchPostgres> server =
        CompletableFuture.supplyAsync(
            ScenarioCommand::scratch, task -> Thread.ofPlatform().name("scratch").start(task));
    // Who is interrupted leaves no server behind.
    Thread stop =
        new Thread(
            () -> {
              stopping = true;
              close(server);
            });
    Runtime.getRuntime().addShutdownHook(stop);
    try {
      List<Scenario> scenarios = read();
      if (scenarios.isEmpty()) {
        printAll(List.of());
        return ControlPlaneMain.WRONG;
      }
      return run(Await.result(server), scenarios);
    } finally {
      close(server);
      if (!stopping) {
        Runtime.getRuntime().removeShutdownHook(stop);
      }
    }
  }

  private static void close(CompletableFuture<ScratchPostgres> server) {
    server
        .handle(
            (up, failure) -> {
              if (up != null) {
                up.close();
              }
              return true;
            })
        .join();
  }

  private List<Scenario> read() {
    List<Scenario> scenarios = new ArrayList<>();
    for (Path file : files) {
      try {
        Scenario scenario = ScenarioReader.read(file);
        scenarios.add(scenario);
        if (!json) {
          scenario.notes().forEach(err()::println);
        }
      } catch (YamlException mistake) {
        unreadable(file.toString(), mistake);
      }
    }
    return scenarios;
  }

  private static ScratchPostgres scratch() {
    try {
      return ScratchPostgres.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private int run(ScratchPostgres server, List<Scenario> scenarios) {
    Vertx vertx = Vertx.vertx();
    try (Database database = server.open(vertx, POOL)) {
      ScenarioRunner runner = runner(database);
      List<ScenarioResult> results = run(runner, scenarios);
      printAll(results);
      if (!unread.isEmpty()) {
        return ControlPlaneMain.WRONG;
      }
      return results.stream().allMatch(ScenarioResult::passed) ? 0 : ControlPlaneMain.FAILED;
    } finally {
      Await.result(vertx.close());
    }
  }

  /** Runs several at once; each is told when it and those before it are done. */
  private List<ScenarioResult> run(ScenarioRunner runner, List<Scenario> scenarios) {
    try (ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
      List<CompletableFuture<ScenarioResult>> running =
          scenarios.stream()
              .map(one -> CompletableFuture.supplyAsync(runner.toRun(one, json), threads))
              .toList();
      List<ScenarioResult> results = new ArrayList<>();
      for (int i = 0; i < running.size(); i++) {
        try {
          results.add(running.get(i).join());
        } catch (CompletionException e) {
          if (e.getCause() instanceof YamlException mistake) {
            unreadable(scenarios.get(i).file(), mistake);
            continue;
          }
          results.add(broken(scenarios.get(i), e.getCause()));
        }
        if (!stopping) {
          print(results.getLast());
        }
      }
      return results;
    }
  }

  /** The scenario or its catalog says what cannot be; the others run. */
  private void unreadable(String file, YamlException mistake) {
    String message = String.valueOf(mistake.getMessage());
    unread.add(new ScenarioResult(file, file, false, List.of(message), List.of(), Map.of()));
    err().println(message);
  }

  private PrintWriter out() {
    return Objects.requireNonNull(spec).commandLine().getOut();
  }

  private PrintWriter err() {
    return Objects.requireNonNull(spec).commandLine().getErr();
  }

  private static ScenarioResult broken(Scenario scenario, @Nullable Throwable why) {
    return new ScenarioResult(
        scenario.name(),
        scenario.file(),
        false,
        List.of(scenario.file() + ": ended the scenario: " + why),
        scenario.notes(),
        Map.of());
  }

  static ScenarioRunner runner(Database database) {
    // Nothing listens; the token that settings must have opens no door.
    Settings settings = Settings.read(YamlFile.parse("scenario", SETTINGS, Map.of("NONE", NOBODY)));
    Rooms rooms =
        Rooms.furnish(
            settings,
            database,
            Clock.tick(Clock.systemUTC(), Duration.ofNanos(1000)),
            new PaymentProviders(List.of(new ManualProvider(), new ScriptedProvider())));
    // No proxy follows a scenario; what tenants may do is derived for who looks at it.
    rooms.the(TestClocks.class).followNothing();
    rooms.outbox().followNothing();
    return new ScenarioRunner(
        new ScenarioRunner.Rooms(
            database,
            rooms.the(Catalogs.class),
            rooms.the(Tenants.class),
            rooms.the(TestClocks.class),
            rooms.the(Subscriptions.class),
            rooms.the(Usage.class),
            rooms.the(InvoiceRoom.class),
            rooms.the(Dunning.class),
            rooms.the(Redemptions.class),
            rooms.the(Wallets.class),
            rooms.the(EntitlementDirectory.class),
            rooms.the(Reratings.class),
            rooms.the(Transfers.class),
            rooms.the(DocumentRoutes.class).documents(),
            rooms.the(Payments.class),
            rooms.agenda()));
  }

  /** Where JSON is the output, who waits for it reads this beside. */
  private void print(ScenarioResult result) {
    PrintWriter to = json ? err() : out();
    to.println(
        (result.passed() ? "passed  " : "FAILED  ") + result.file() + ": " + result.scenario());
    result.failures().forEach(failure -> to.println("        " + failure));
    to.flush();
  }

  private void printAll(List<ScenarioResult> results) {
    if (json && !stopping) {
      List<ScenarioResult> all = new ArrayList<>(unread);
      all.addAll(results);
      List<String> order = files.stream().map(Path::toString).toList();
      all.sort(Comparator.comparingInt(result -> order.indexOf(result.file())));
      out().println(Wire.write(all));
    }
  }
}
