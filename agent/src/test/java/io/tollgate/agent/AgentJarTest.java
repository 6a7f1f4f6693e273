package io.tollgate.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.tools.attach.VirtualMachine;
import io.tollgate.agent.report.TestLetterbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The packaged agent in hosts of their own, on each JDK of this machine. */
class AgentJarTest {
  private static final int REQUESTS = 100;
  private static final int TENANTS = 3;

  private final TestLetterbox letterbox = new TestLetterbox();
  @TempDir Path directory;

  static Collection<Path> jdks() {
    return Jdks.all();
  }

  @AfterEach
  void close() {
    letterbox.close();
  }

  @ParameterizedTest
  @MethodSource("jdks")
  void countedCalls_fromManyThreads_areExactPerTenantAndFeature(Path jdk) throws Exception {
    try (Host host =
        Host.start(jdk, Host.agent(config()), "CountingHost", REQUESTS, TENANTS, 0).end()) {
      assertThat(letterbox.units()).isEqualTo(expected(1));
      assertThat(letterbox.disorder()).isEmpty();
      assertThat(host.err().lines())
          .as("the JVM warns of nothing, and the agent says what it left out")
          .containsExactly(
              "tollgate-agent: counts 8 features as host, reports to " + letterbox.url(),
              "tollgate-agent: ends: 2 calls served no tenant's request and were not reported");
      assertThat(directory.resolve("spool")).isEmptyDirectory();
    }
  }

  @ParameterizedTest
  @MethodSource("jdks")
  void host_whileLetterboxIsDown_worksAndItsNextStartDelivers(Path jdk) throws Exception {
    String config = config();
    letterbox.close();
    try (Host host =
        Host.start(jdk, Host.agent(config), "CountingHost", REQUESTS, TENANTS, 0).end()) {
      assertThat(host.err()).contains("is not reached").contains("calls wait in the spool");
    }
    letterbox.reopen();
    Host.start(jdk, Host.agent(config), "CountingHost", REQUESTS, TENANTS, 0).end().close();
    assertThat(letterbox.units()).isEqualTo(expected(2));
    assertThat(directory.resolve("spool")).isEmptyDirectory();
  }

  @ParameterizedTest
  @MethodSource("jdks")
  void host_killedWhileLetterboxIsDown_losesNothingOlderThanAnInterval(Path jdk) throws Exception {
    String config = config();
    letterbox.close();
    try (Host host =
        Host.start(jdk, Host.agent(config), "CountingHost", REQUESTS, TENANTS, 60_000)
            .await("done")) {
      await(() -> spooled().equals(expected(1)));
      host.kill();
    }
    letterbox.reopen();
    try (Host host =
        Host.start(jdk, Host.agent(config), "CountingHost", 0, 0, 60_000).await("done")) {
      await(() -> letterbox.units().equals(expected(1)));
      assertThat(letterbox.units()).isEqualTo(expected(1));
      assertThat(host.err()).doesNotContain("is not reached");
    }
  }

  @ParameterizedTest
  @MethodSource("jdks")
  void letterbox_thatComesBackWhileTheHostRuns_getsEverything(Path jdk) throws Exception {
    String config = config();
    letterbox.close();
    try (Host host =
        Host.start(jdk, Host.agent(config), "CountingHost", REQUESTS, TENANTS, 60_000)
            .await("done")) {
      letterbox.reopen();
      await(() -> letterbox.units().equals(expected(1)));
      assertThat(letterbox.units()).isEqualTo(expected(1));
      host.awaitError("answers again");
    }
  }

  @ParameterizedTest
  @MethodSource("jdks")
  void host_withWrongConfiguration_startsAndIsTold(Path jdk) throws Exception {
    Path config = directory.resolve("agent.properties");
    Files.writeString(config, "features.plain = host.Work#plain\nreport.interval = soon\n");
    try (Host host = Host.start(jdk, Host.agent(config.toString()), "IdleHost").end()) {
      assertThat(host.out()).isEqualTo("runs" + System.lineSeparator());
      assertThat(host.err())
          .isEqualTo(
              "tollgate-agent: stays passive, the host is unaffected. "
                  + config
                  + ":2: report.interval: 'soon' must be 100ms to 3600000ms, as in 500ms, 5s or"
                  + " 1m"
                  + System.lineSeparator());
    }
  }

  @ParameterizedTest
  @MethodSource("jdks")
  void host_withMethodsThatCannotBeCounted_isTold(Path jdk) throws Exception {
    String config = config("features.none = host.Work#nothing\nfeatures.typo = host.Wrok#plain\n");
    try (Host host = Host.start(jdk, Host.agent(config), "CountingHost", 1, 1, 0).end()) {
      assertThat(host.err())
          .contains("feature none is not counted there: host.Work has no method host.Work#nothing")
          .contains("inPool")
          .contains("feature typo was not counted: no class host.Wrok was loaded");
      assertThat(letterbox.units()).containsEntry("tenant-0/plain", 1L);
    }
  }

  @Test
  void agent_withoutFeatures_loadsNothing() throws Exception {
    List<String> options = List.of("-javaagent:" + Host.JAR, "-verbose:class");
    try (Host host = Host.start(ownJdk(), options, "IdleHost").end()) {
      assertThat(host.err()).contains("has nothing to count");
      assertThat(host.out().lines().filter(line -> line.contains("io.tollgate.agent.")))
          .as("premain, configuration, a line of log")
          .hasSizeBetween(1, 14)
          .noneMatch(line -> line.contains("bytebuddy") || line.contains(".install."));
    }
  }

  @Test
  void agent_withFeatures_leavesLoggingAndManagementToTheHost() throws Exception {
    List<String> options = List.of("-javaagent:" + Host.JAR + "=" + config(), "-verbose:class");
    try (Host host = Host.start(ownJdk(), options, "IdleHost").end()) {
      String beforeMain = host.out().substring(0, host.out().indexOf("host.IdleHost"));
      assertThat(beforeMain)
          .contains("io.tollgate.agent.shaded.bytebuddy.")
          .doesNotContain(" java.util.logging.")
          .doesNotContain(" java.lang.management.")
          .doesNotContain(" javax.management.")
          .doesNotContain(" java.security.SecureRandom ");
    }
  }

  @ParameterizedTest
  @MethodSource("jdks")
  void host_seesTheHookAlone(Path jdk) throws Exception {
    try (Host host = Host.start(jdk, Host.agent(config()), "HygieneHost").end()) {
      assertThat(host.out())
          .contains("hook loader: null")
          .contains("agent: not found")
          .contains("byte buddy: not found")
          .contains("relocated: not found")
          .containsPattern("context loader: .*AppClassLoader")
          .contains("agent threads: 1");
    }
  }

  @ParameterizedTest
  @MethodSource("jdks")
  void jar_underAnotherName_works(Path jdk) throws Exception {
    Path renamed = Files.copy(Host.JAR, directory.resolve("renamed 1.jar"));
    List<String> options = List.of("-javaagent:" + renamed + "=" + config());
    try (Host host = Host.start(jdk, options, "CountingHost", 1, 1, 0).end()) {
      assertThat(letterbox.units()).containsEntry("tenant-0/plain", 1L);
      assertThat(host.err()).contains("counts 8 features");
    }
  }

  @Test
  void jarGivenTwice_countsOnce() throws Exception {
    List<String> options =
        List.of(
            "-javaagent:" + Host.JAR + "=" + config(), "-javaagent:" + Host.JAR + "=" + config());
    try (Host host = Host.start(ownJdk(), options, "CountingHost", 1, 1, 0).end()) {
      assertThat(letterbox.units()).containsEntry("tenant-0/plain", 1L);
      assertThat(host.err()).contains("is in this JVM already");
    }
  }

  @ParameterizedTest
  @MethodSource("jdks")
  void attach_toARunningHost_countsFromThenOn(Path jdk) throws Exception {
    List<String> options =
        Jdks.release(jdk) < 21 ? List.of() : List.of("-XX:+EnableDynamicAgentLoading");
    try (Host host = Host.start(jdk, options, "LateHost").await("ready")) {
      VirtualMachine machine = VirtualMachine.attach(Long.toString(host.pid()));
      machine.loadAgent(Host.JAR.toString(), config());
      machine.detach();
      host.enter().await("done").end();
      assertThat(host.err())
          .contains("ends: 2 calls served no tenant's request and were not reported");
    }
  }

  @ParameterizedTest
  @MethodSource("jdks")
  void servlet_ofEitherNamespace_bindsTheTenant(Path jdk) throws Exception {
    try (Host host = Host.start(jdk, Host.agent(config()), "ServletHost").end()) {
      assertThat(letterbox.units())
          .as(host.err())
          .isEqualTo(
              Map.of(
                  "jakarta-tenant/created", 1L,
                  "jakarta-tenant/plain", 1L,
                  "javax-tenant/created", 1L,
                  "javax-tenant/plain", 1L));
    }
  }

  @Test
  void jar_holdsNothingAHostCouldMeet() throws IOException {
    try (JarFile jar = new JarFile(Host.JAR.toFile())) {
      assertThat(
              jar.stream()
                  .map(entry -> entry.getName())
                  .filter(name -> !name.endsWith(".classdata"))
                  .toList())
          .allMatch(
              name ->
                  name.startsWith("META-INF/")
                      || name.startsWith("io/tollgate/agent/premain/")
                      || name.startsWith("io/tollgate/agent/hook/"));
      assertThat(jar.stream().filter(entry -> entry.getName().startsWith("net/"))).isEmpty();
    }
  }

  private String config() throws IOException {
    return config("");
  }

  private String config(String more) throws IOException {
    Path config = directory.resolve("agent.properties");
    Files.writeString(
        config,
        """
        source = host
        features.plain = host.Work#plain
        features.created = host.Work#new
        features.overloaded = host.Work#overloaded(int)
        features.failing = host.Work#failing
        features.pool = host.Work#inPool
        features.future = host.Work#inFuture
        features.timer = host.Work#inTimer
        features.virtual = host.Work#inVirtual*
        report.interval = 100ms
        shutdown.timeout = 20s
        spool.directory = %s
        letterbox.url = %s
        """
                .formatted(directory.resolve("spool"), letterbox.url())
            + more);
    return config.toString();
  }

  /** What a CountingHost uses for each tenant's request. */
  private static Map<String, Long> expected(int runs) {
    Map<String, Long> each =
        Map.of(
            "plain",
            1L,
            "created",
            1L,
            "overloaded",
            1L,
            "pool",
            3L,
            "future",
            2L,
            "timer",
            1L,
            "virtual",
            1L);
    Map<String, Long> expected = new TreeMap<>();
    for (int tenant = 0; tenant < TENANTS; tenant++) {
      String prefix = "tenant-" + tenant + "/";
      each.forEach((feature, calls) -> expected.put(prefix + feature, calls * REQUESTS * runs));
    }
    return expected;
  }

  /** Units that hosts have put on disk; of lines that say the same thing the greatest counts. */
  private Map<String, Long> spooled() {
    Map<String, Long> greatest = new TreeMap<>();
    try (Stream<Path> files = Files.list(directory.resolve("spool"))) {
      for (Path file : files.toList()) {
        String text = Files.readString(file);
        for (String line : text.substring(0, text.lastIndexOf('\n') + 1).split("\n", -1)) {
          String[] words = line.split(" ", -1); // T HOUR UNITS FEATURE TENANT
          if (words[0].equals("T")) {
            String key = words[4] + "/" + words[3] + " " + words[1];
            greatest.merge(key, Long.parseLong(words[2]), Math::max);
          }
        }
      }
    } catch (IOException notYet) {
      return Map.of();
    }
    Map<String, Long> units = new TreeMap<>();
    greatest.forEach((key, total) -> units.merge(key.split(" ", 2)[0], total, Long::sum));
    return units;
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  private static Path ownJdk() {
    return Path.of(System.getProperty("java.home"));
  }
}
