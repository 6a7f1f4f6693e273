package io.tollgate.proxy;

import io.tollgate.proxy.config.Overrides;
import io.tollgate.proxy.config.ProxySettings;
import io.tollgate.proxy.config.yaml.ProxyFile;
import io.tollgate.proxy.limit.hazelcast.LimitMember;
import io.tollgate.yaml.YamlException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;

/** The proxy's composition root: configuration in, rooms wired, ports open. */
@Command(
    name = "tollgate-proxy",
    description =
        "Stands in front of an API: says whose call it is, whether it may pass, forwards it and"
            + " counts it.",
    mixinStandardHelpOptions = true,
    versionProvider = ProxyMain.Version.class,
    sortOptions = false,
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:went down in order",
      "1:failed in a way that has no number of its own",
      "2:the command line or the configuration is wrong",
      "3:a port cannot be opened",
      "4:the data directory cannot be used",
      "5:the limit cluster cannot be joined",
      "6:memory is used up, or an event loop was lost: to be started anew",
      "143:ended by SIGTERM, in order; 130 by Ctrl-C"
    })
public final class ProxyMain implements Callable<Integer> {
  private static final int EXIT_CONFIGURATION = 2;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      defaultValue = "proxy.yaml",
      description = "the configuration, YAML; default: ${DEFAULT-VALUE}")
  private Path config = Path.of("proxy.yaml");

  @Option(names = "--check", description = "check the configuration, say so, and end")
  private boolean check;

  @Option(
      names = "--rehearse",
      description =
          "start once on free ports with nothing around, take some calls, and end; the launcher"
              + " uses it to make its class archive")
  private boolean rehearse;

  @Option(
      names = "--limit-member",
      description =
          "take no calls, only hold the limits of proxies whose cluster.role is client; needs the"
              + " keys node and cluster of the configuration")
  private boolean limitMember;

  @Option(names = "--port", paramLabel = "N", description = "instead of listener.port")
  private @Nullable Integer port;

  @Option(names = "--admin-port", paramLabel = "N", description = "instead of admin.port")
  private @Nullable Integer adminPort;

  @Option(names = "--letterbox-port", paramLabel = "N", description = "instead of letterbox.port")
  private @Nullable Integer letterboxPort;

  @Option(names = "--cluster-port", paramLabel = "N", description = "instead of cluster.port")
  private @Nullable Integer clusterPort;

  @Option(names = "--node", paramLabel = "NAME", description = "instead of node")
  private @Nullable String node;

  @Option(names = "--data", paramLabel = "DIR", description = "instead of data")
  private @Nullable Path data;

  private ProxyMain() {}

  /** Starts the proxy; ends with the exit status that {@code --help} lists. */
  public static void main(String[] args) {
    // What netty and Vert.x would otherwise pay for at every call; read when they load.
    defaultProperty("io.netty.leakDetectionLevel", "disabled");
    defaultProperty("vertx.disableMetrics", "true");
    defaultProperty("hazelcast.logging.type", "slf4j");
    int status =
        new CommandLine(new ProxyMain()).setCaseInsensitiveEnumValuesAllowed(true).execute(args);
    if (status != 0) {
      System.exit(status);
    }
  }

  @Override
  public Integer call() throws IOException {
    if (rehearse) {
      return rehearse();
    }
    ProxySettings settings;
    try {
      settings = read();
    } catch (YamlException | IllegalArgumentException e) {
      System.err.println(e.getMessage());
      return EXIT_CONFIGURATION;
    }
    if (check) {
      System.out.println(config + ": in order");
      return 0;
    }
    return limitMember ? serve(settings) : run(settings);
  }

  private ProxySettings read() {
    Overrides overrides = new Overrides(port, adminPort, letterboxPort, clusterPort, node, data);
    return limitMember
        ? ProxyFile.readMember(config, overrides)
        : ProxyFile.read(config, overrides);
  }

  private static int rehearse() throws IOException {
    try {
      Rehearsal.run();
      return 0;
    } catch (StartFailure e) {
      System.err.println(e.getMessage());
      return e.exitStatus();
    }
  }

  private static int serve(ProxySettings settings) {
    LimitMember member;
    try {
      member = LimitRoom.serve(settings);
    } catch (StartFailure e) {
      System.err.println(e.getMessage());
      return e.exitStatus();
    }
    CountDownLatch down = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  member.close();
                  down.countDown();
                },
                "shutdown"));
    return await(down);
  }

  private int run(ProxySettings settings) {
    Proxy proxy;
    try {
      proxy = Proxy.start(settings);
    } catch (StartFailure e) {
      System.err.println(e.getMessage());
      return e.exitStatus();
    }
    Reload reload = new Reload(config, this::read, proxy::reload);
    CountDownLatch down = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  reload.close();
                  proxy.stop();
                  down.countDown();
                },
                "shutdown"));
    return await(down);
  }

  private static int await(CountDownLatch down) {
    try {
      down.await();
      return 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    }
  }

  private static void defaultProperty(String name, String value) {
    if (System.getProperty(name) == null) {
      System.setProperty(name, value);
    }
  }

  /** The version from the jar's manifest. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = ProxyMain.class.getPackage().getImplementationVersion();
      return new String[] {"tollgate-proxy " + (version == null ? "(unpackaged)" : version)};
    }
  }
}
