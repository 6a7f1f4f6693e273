package io.tollgate.examples.benchmarks;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs one benchmark by its name. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description =
        "Runs one benchmark, prints a table and, as its last line, one JSON object with its"
            + " figures.")
public final class BenchmarksMain implements Callable<Integer> {
  /** The benchmarks there are. */
  enum Name {
    /** The proxy's CPU, latency and memory beside nginx and HAProxy. */
    proxy,
    /** Local decisions, and decisions and operations on a cluster beside Bucket4j. */
    limits,
    /** Invoices per second of a run, and the time of a preview. */
    billing
  }

  @Parameters(paramLabel = "NAME", description = "One of: ${COMPLETION-CANDIDATES}.")
  private Name name = Name.proxy;

  @Option(names = "--home", hidden = true, description = "The checkout.")
  private Path home = Path.of("").toAbsolutePath();

  @Option(
      names = "--seconds",
      defaultValue = "8",
      description = "Length of one round, in seconds; default ${DEFAULT-VALUE}.")
  private int seconds;

  @Option(
      names = "--rounds",
      defaultValue = "5",
      description = "Rounds counted for each peer, interleaved; default ${DEFAULT-VALUE}.")
  private int rounds;

  @Option(
      names = "--tenants",
      defaultValue = "2000",
      description = "Tenants of the billing run; default ${DEFAULT-VALUE}.")
  private int tenants;

  @Option(names = "--transports", description = "Also measure the proxy on epoll and on NIO alone.")
  private boolean transports;

  @Option(
      names = "--peer",
      paramLabel = "NAME=COMMAND",
      description =
          "Also measure another proxy, started by this command with {port} and {upstream} filled"
              + " in; may be repeated.")
  private Map<String, String> peers = Map.of();

  private BenchmarksMain() {}

  /** Runs the benchmark that the first argument names. */
  public static void main(String[] args) {
    System.exit(
        new CommandLine(new BenchmarksMain())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .execute(args));
  }

  @Override
  public Integer call() throws Exception {
    return switch (name) {
      case proxy -> new ProxyBenchmark(home, rounds, seconds, transports, peers).run();
      case limits -> new LimitsBenchmark(home, rounds, seconds).run();
      case billing -> new BillingBenchmark(home, tenants).run();
    };
  }
}
