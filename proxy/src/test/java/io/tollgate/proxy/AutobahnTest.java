package io.tollgate.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.File;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Autobahn's fuzzing client for WebSockets, through the whole proxy to a real server. The suite is
 * Python; it comes, with a Python that runs on the JVM, in jars of the registry
 * (me.normanmaurer.maven.autobahntestsuite). Every build runs the groups that take little time;
 * {@code -Pnightly} all but those about compression.
 */
@Timeout(value = 40, unit = TimeUnit.MINUTES)
class AutobahnTest {
  private static final String CASES =
      System.getProperty("tollgate.autobahn", "1.*,2.*,3.*,4.*,5.*,7.*,10.*");
  private static final Set<String> PASSED = Set.of("OK", "NON-STRICT", "INFORMATIONAL");
  @TempDir Path directory;

  @TestFactory
  Stream<DynamicTest> everyCase_passes() {
    return jars().size() == 2
        ? Stream.of(DynamicTest.dynamicTest("fuzzing client", this::fuzz))
        : Stream.of(); // started without Maven's class path
  }

  private void fuzz() throws Exception {
    try (EchoServer echo = new EchoServer();
        TestProxy proxy = new TestProxy(directory.resolve("data"), echo.port(), "")) {
      Map<String, String> cases = run(proxy.port(), CASES);
      assertThat(cases).hasSizeGreaterThan(100);
      cases.values().removeAll(PASSED);
      if (!cases.isEmpty()) {
        // Most cases wait a second for what is to come, which a busy machine may take.
        cases = run(proxy.port(), String.join(",", cases.keySet()));
        cases.values().removeAll(PASSED);
      }
      assertThat(cases).isEmpty();
    }
  }

  /** How each case ended. */
  private Map<String, String> run(int port, String played) throws Exception {
    Path reports = directory.resolve("reports");
    Path script = directory.resolve("suite.py");
    Files.writeString(script, script(port, reports, played));
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                "--add-opens=java.base/java.io=ALL-UNNAMED",
                "-Dpython.cachedir.skip=true",
                "-Dpython.path=" + jars().get(1),
                "-cp",
                String.join(File.pathSeparator, jars()),
                "org.python.util.jython",
                script.toString())
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    JsonObject cases =
        new JsonObject(Files.readString(reports.resolve("index.json"))).getJsonObject("a");
    Map<String, String> behaviors = new TreeMap<>();
    for (String id : cases.fieldNames()) {
      behaviors.put(id, cases.getJsonObject(id).getString("behavior"));
    }
    return behaviors;
  }

  private static String script(int port, Path reports, String played) {
    return """
      import sys
      sys.argv = ['wstest']
      from autobahntestsuite import wstest
      servers = [{'agent': 'a', 'url': 'ws://127.0.0.1:%d', 'options': {'version': 18}}]
      spec = {'failByDrop': False, 'outdir': '%s', 'servers': servers, 'cases': '%s'.split(','),
              'exclude-cases': [], 'exclude-agent-cases': {}}
      wstest.start({'mode': 'fuzzingclient'}, spec)
      """
        .formatted(port, reports, played);
  }

  /** Jython and the suite, in this order; fewer where they are not there. */
  private static List<String> jars() {
    return Stream.of("/org/python/util/jython.class", "/autobahntestsuite/wstest.py")
        .map(AutobahnTest.class::getResource)
        .filter(Objects::nonNull)
        .map(AutobahnTest::jar)
        .toList();
  }

  /** The path in {@code jar:file:PATH!/RESOURCE}. */
  private static String jar(URL resource) {
    String file = resource.getPath();
    return Path.of(URI.create(file.substring(0, file.indexOf('!')))).toString();
  }
}
