package io.tollgate.examples.quickstart;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Starts everything, plays the story, reconciles. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    version = "Tollgate quickstart 0.1.0",
    sortOptions = false,
    description = {
      "Starts PostgreSQL, the control plane, two proxies and a donations API with the agent, sends real calls of real tenants, "
          + "invoices them, blocks one for non-payment, opens it again, and reconciles every unit.",
      "Ctrl-C stops everything in order. Exit status: 0 reconciled, 1 not reconciled or something failed."
    })
public final class QuickstartMain implements Callable<Integer> {
  @Option(
      names = "--once",
      description = "Exit after the reconciliation; its last line is one JSON object.")
  private boolean once;

  @Option(names = "--fresh", description = "Begin anew: the data of earlier runs is deleted.")
  private boolean fresh;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Where data, settings and logs are kept; default examples/quickstart/data.")
  private @Nullable Path data;

  @Option(names = "--home", hidden = true, description = "The checkout.")
  private Path home = Path.of("").toAbsolutePath();

  @Option(names = "--live", hidden = true, description = "Standard output is a terminal.")
  private boolean live;

  @Mixin(name = "ports")
  private Ports ports = new Ports();

  private QuickstartMain() {}

  /** Runs the quickstart. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new QuickstartMain()).execute(args));
  }

  @Override
  public Integer call() throws InterruptedException, IOException {
    long started = System.nanoTime();
    AtomicReference<@Nullable String> cause = new AtomicReference<>();
    Thread main = Thread.currentThread();
    CountDownLatch ended = new CountDownLatch(1);
    Fleet fleet =
        new Fleet(
            epitaph -> {
              cause.compareAndSet(null, epitaph);
              main.interrupt();
            });
    Thread stopper = new Thread(() -> stop(fleet, ended), "stop");
    Runtime.getRuntime().addShutdownHook(stopper);
    try {
      return play(fleet, started);
    } catch (QuickstartException e) {
      return failed(died(cause, fleet).orElse(e.getMessage()));
    } catch (InterruptedException e) {
      return failed(cause.get());
    } finally {
      fleet.close();
      ended.countDown();
    }
  }

  private int play(Fleet fleet, long started) throws InterruptedException, IOException {
    Path folder = Workspace.folder(home, data);
    int left = Roll.endLeftovers(folder);
    if (left > 0) {
      System.out.println("Ended what a killed quickstart had left running; processes: " + left);
    }
    // Before the folder is touched, so that --fresh never deletes the data of a quickstart that
    // runs.
    ports.checkFree();
    Workspace workspace = Workspace.prepare(home, folder, fresh);
    fleet.keep(Roll.begin(folder));
    Stage stage = Stage.start(fleet, workspace, ports);
    Story story = new Story(stage, Scoreboard.on(System.out, live));
    boolean reconciled = story.play(Duration.ofNanos(System.nanoTime() - started));
    if (once || !reconciled) {
      System.out.println(story.json());
      return reconciled ? 0 : 1;
    }
    story.farewell();
    new CountDownLatch(1).await();
    return 0;
  }

  /** A process that was killed shows first as a call without an answer: its end is told soon. */
  private static Optional<String> died(AtomicReference<@Nullable String> cause, Fleet fleet) {
    try {
      Thread.sleep(500);
    } catch (InterruptedException e) {
      // The interrupt is the news itself, and the cause stands already.
      return Optional.ofNullable(cause.get());
    }
    return Optional.ofNullable(cause.get()).or(fleet::epitaph);
  }

  private static int failed(@Nullable String cause) {
    System.err.println();
    System.err.println(cause == null ? "interrupted" : cause);
    System.err.println("Everything else is being stopped.");
    return 1;
  }

  /** On Ctrl-C the JVM runs this while the main thread still waits; both may stop the fleet. */
  private static void stop(Fleet fleet, CountDownLatch ended) {
    if (ended.getCount() > 0) {
      System.out.println("\nStopping: donations API, proxies, control plane, PostgreSQL ...");
      fleet.close();
      System.out.println("Stopped.");
    }
  }
}
