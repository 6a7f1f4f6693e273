package io.tollgate.controlplane;

import io.tollgate.controlplane.database.EmbeddedPostgres;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs the PostgreSQL that comes with the program, until it is told to stop. */
@Command(
    name = "postgres",
    description = "Runs the PostgreSQL that comes with the program, on loopback, until stopped.",
    mixinStandardHelpOptions = true)
final class PostgresCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      required = true,
      description = "The data directory, made on the first start and kept.")
  private @Nullable Path data;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "5433",
      description = "The port (default ${DEFAULT-VALUE}).")
  private int port;

  @Override
  public Integer call() throws InterruptedException {
    EmbeddedPostgres server =
        EmbeddedPostgres.start(
            Objects.requireNonNull(data), port, EmbeddedPostgres.Durability.DURABLE);
    CountDownLatch stopped = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  server.close();
                  stopped.countDown();
                },
                "shutdown"));
    Objects.requireNonNull(spec)
        .commandLine()
        .getOut()
        .println("PostgreSQL is ready on 127.0.0.1:" + server.port());
    stopped.await();
    return 0;
  }
}
