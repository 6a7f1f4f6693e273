package io.tollgate.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.controlplane.database.DatabaseSettings;
import io.tollgate.controlplane.database.EmbeddedPostgres;
import io.tollgate.controlplane.database.TestDatabase;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLClassLoader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class ControlPlaneMainTest {
  @RegisterExtension static final TestDatabase DB = new TestDatabase();

  @TempDir Path folder;

  private Path config(String text) throws IOException {
    Files.writeString(folder.resolve("token"), "an-admin-token-for-tests");
    return Files.writeString(
        folder.resolve("control-plane.yaml"),
        text + "\ntokens: [{role: admin, secret: {file: '" + folder.resolve("token") + "'}}]\n");
  }

  private String database() {
    DatabaseSettings settings = DB.settings();
    return "database: {port: %d, name: %s, user: %s, migrator: {user: %s}}"
        .formatted(
            settings.port(), settings.name(), settings.app().user(), settings.migrator().user());
  }

  @Test
  void check_rightConfiguration_isZero() throws IOException {
    assertThat(ControlPlaneMain.run("--check", "--config", config("workers: 1").toString()))
        .isZero();
  }

  @Test
  void check_wrongConfiguration_isTwo() throws IOException {
    assertThat(ControlPlaneMain.run("--check", "--config", config("wrokers: 1").toString()))
        .isEqualTo(ControlPlaneMain.WRONG);
    assertThat(ControlPlaneMain.run("--check", "--config", folder.resolve("none").toString()))
        .isEqualTo(ControlPlaneMain.WRONG);
    assertThat(ControlPlaneMain.run("--no-such-option")).isEqualTo(ControlPlaneMain.WRONG);
    assertThat(ControlPlaneMain.run()).isEqualTo(ControlPlaneMain.WRONG);
  }

  @Test
  void check_brokenTemplate_isTwoAndNamesFileAndLine() throws IOException {
    Path templates = Files.createDirectory(folder.resolve("templates"));
    Path config = config("invoices: {templates: '" + templates + "'}");
    assertThat(ControlPlaneMain.run("--check", "--config", config.toString())).isZero();
    Files.writeString(templates.resolve("invoice.hbs"), "<html>\n{{#if}\n</html>");
    assertThat(ControlPlaneMain.run("--check", "--config", config.toString()))
        .isEqualTo(ControlPlaneMain.WRONG);
    assertThatThrownBy(() -> Settings.read(config))
        .hasMessageContaining("control-plane.yaml:1: invoices.templates: ")
        .hasMessageContaining("invoice.hbs:2:");
  }

  @Test
  void start_noDatabase_isThree() throws IOException {
    Path config = config("database: {port: 1, patience: 1s}");
    assertThat(ControlPlaneMain.run("--config", config.toString(), "--port", "0"))
        .isEqualTo(ControlPlaneMain.NO_DATABASE);
  }

  @Test
  void start_portTaken_isFour() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThat(
              ControlPlaneMain.run(
                  "--config",
                  config(database()).toString(),
                  "--port",
                  String.valueOf(taken.getLocalPort())))
          .isEqualTo(ControlPlaneMain.PORT_TAKEN);
    }
  }

  @Test
  void process_terminated_stopsInOrder() throws IOException, InterruptedException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Path log = folder.resolve("log");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                classPath(),
                ControlPlaneMain.class.getName(),
                "--config",
                config(database()).toString(),
                "--port",
                String.valueOf(port))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try (HttpClient client = HttpClient.newHttpClient()) {
      assertThat(ready(client, port, process)).as(Files.readString(log)).isTrue();
      process.destroy();
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    // SIGTERM's own status: 128 + 15.
    assertThat(process.exitValue()).isEqualTo(143);
  }

  @Test
  void postgres_whoseProcessWasKilled_isTakenOverOnAnyPort() throws Exception {
    Path data = folder.resolve("left-behind");
    Process killed =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                classPath(),
                ControlPlaneMain.class.getName(),
                "postgres",
                "--data",
                data.toString(),
                "--port",
                "0")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String ready = "PostgreSQL is ready on 127.0.0.1:";
    String line;
    try (BufferedReader out = killed.inputReader()) {
      line = out.lines().filter(told -> told.startsWith(ready)).findFirst().orElseThrow();
      killed.destroyForcibly().waitFor();
    }
    try (EmbeddedPostgres server =
        EmbeddedPostgres.start(data, 0, EmbeddedPostgres.Durability.DURABLE)) {
      assertThat(ready + server.port()).isEqualTo(line);
    }
  }

  @Test
  void commandThatPrints_logsOnStandardError() throws Exception {
    Path plans =
        Files.writeString(
            folder.resolve("plans.json"),
            "{\"plans\": [{\"code\": \"a\", \"interval\": \"monthly\"}]}");
    Path err = folder.resolve("err");
    ProcessBuilder command =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dlogback.configurationFile=logback.xml",
                // Without a folder for them, no directives reach the compiler, which is logged.
                "-Djava.io.tmpdir=" + folder.resolve("none"),
                "-cp",
                classPath(),
                ControlPlaneMain.class.getName(),
                "convert",
                "--from",
                "lago",
                plans.toString())
            .redirectError(err.toFile());
    command.environment().put("TOLLGATE_LOG_LEVEL", "DEBUG");
    Process process = command.start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(Files.readString(err)).isZero();
    assertThat(out).startsWith("catalog: lago\n").doesNotContain("@timestamp");
    assertThat(Files.readString(err)).contains("@timestamp", "works as ever");
  }

  /** What this test runs on, whichever launcher loaded it. */
  static String classPath() {
    return ControlPlaneMain.class.getClassLoader() instanceof URLClassLoader loader
        ? Arrays.stream(loader.getURLs())
            .map(url -> Path.of(URI.create(url.toString())).toString())
            .collect(Collectors.joining(File.pathSeparator))
        : System.getProperty("java.class.path");
  }

  private static boolean ready(HttpClient client, int port, Process process)
      throws InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/ready")).build();
    for (int i = 0; i < 600 && process.isAlive(); i++) {
      try {
        if (client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode() == 200) {
          return true;
        }
      } catch (IOException e) {
        // not listening yet
      }
      Thread.sleep(100);
    }
    return false;
  }
}
