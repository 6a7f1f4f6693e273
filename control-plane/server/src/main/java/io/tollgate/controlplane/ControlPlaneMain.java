package io.tollgate.controlplane;

import io.tollgate.controlplane.database.DatabaseException;
import io.tollgate.controlplane.database.DatabaseUnreachableException;
import io.tollgate.controlplane.database.PortTakenException;
import io.tollgate.yaml.YamlException;
import java.io.PrintWriter;
import java.net.BindException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * The control plane's command line.
 *
 * <p>Exit status: 0 done, 1 failed while running, 2 wrong options or configuration, 3 database not
 * reachable, 4 port taken.
 */
@Command(
    name = "tollgate-control-plane",
    description =
        "Holds plans and subscriptions, rates usage, invoices, collects, and tells the proxies what"
            + " each tenant may do.",
    mixinStandardHelpOptions = true,
    versionProvider = ControlPlaneMain.Version.class,
    sortOptions = false,
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:went down in order, or the configuration is right",
      "1:failed in a way that has no number of its own",
      "2:the command line or the configuration is wrong",
      "3:no database can be reached",
      "4:a port is taken",
      "143:ended by SIGTERM, in order; 130 by Ctrl-C"
    },
    subcommands = {PostgresCommand.class, ScenarioCommand.class, ConvertCommand.class})
public final class ControlPlaneMain implements Callable<Integer> {
  /** Of those that print, the one that runs long enough to be worth a JVM of its own. */
  private static final String LONG = "scenario";

  private static final Set<String> PRINTING = Set.of(LONG, "convert");

  static final int FAILED = 1;
  static final int WRONG = 2;
  static final int NO_DATABASE = 3;
  static final int PORT_TAKEN = 4;

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The YAML configuration; control-plane/README.md has every key.")
  private @Nullable Path config;

  @Option(names = "--check", description = "Check the configuration and exit.")
  private boolean check;

  @Option(names = "--host", paramLabel = "HOST", description = "Listen here (listen.host).")
  private @Nullable String host;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "Listen on this port, 0 for any free one (listen.port, default 8080).")
  private @Nullable Integer port;

  @Option(
      names = "--database-port",
      paramLabel = "PORT",
      description = "PostgreSQL's port (database.port or database.embedded.port).")
  private @Nullable Integer databasePort;

  /** Parsed by picocli. */
  private ControlPlaneMain() {}

  /** Runs a command and exits with its status. */
  public static void main(String[] args) {
    if (prints(args)) {
      // Their standard output is their result. Before anything asks for a logger.
      System.setProperty("tollgate.log.target", "System.err");
      if (args[0].equals(LONG)) {
        BriefJvm.run(args).ifPresent(System::exit);
      }
      if (BriefJvm.isThis()) {
        BriefJvm.endWithParent();
      } else {
        CompilerThrift.begin();
      }
    }
    System.exit(run(args));
  }

  static int run(String... args) {
    return new CommandLine(new ControlPlaneMain())
        .setExecutionExceptionHandler(ControlPlaneMain::failed)
        .execute(args);
  }

  private static boolean prints(String... args) {
    return args.length > 0 && PRINTING.contains(args[0]);
  }

  @Override
  public Integer call() throws BindException, InterruptedException {
    CommandSpec here = Objects.requireNonNull(spec);
    if (config == null) {
      here.commandLine().getErr().println("--config FILE is missing");
      here.commandLine().usage(here.commandLine().getErr());
      return WRONG;
    }
    Settings settings = Settings.read(config).with(host, port, databasePort);
    if (check) {
      here.commandLine().getOut().println(config + ": the configuration is right");
      return 0;
    }
    ControlPlane controlPlane = ControlPlane.start(settings);
    CountDownLatch stopped = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  controlPlane.close();
                  stopped.countDown();
                },
                "shutdown"));
    stopped.await();
    return 0;
  }

  /** Says in one line what is wrong where a person can mend it, and the whole story otherwise. */
  private static int failed(
      Exception failure, CommandLine command, CommandLine.ParseResult ignored) {
    PrintWriter err = command.getErr();
    return switch (failure) {
      case YamlException mistake -> say(err, mistake, WRONG);
      case BindException taken -> say(err, taken, PORT_TAKEN);
      case PortTakenException taken -> say(err, taken, PORT_TAKEN);
      case DatabaseUnreachableException nobody -> say(err, nobody, NO_DATABASE);
      case DatabaseException broken -> say(err, broken, FAILED);
      case Exception other -> {
        other.printStackTrace(err);
        yield FAILED;
      }
    };
  }

  private static int say(PrintWriter err, Exception failure, int status) {
    err.println(failure.getMessage());
    return status;
  }

  /** The version in the jar's manifest. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = ControlPlaneMain.class.getPackage().getImplementationVersion();
      return new String[] {"Tollgate control plane " + (version == null ? "(unpacked)" : version)};
    }
  }
}
