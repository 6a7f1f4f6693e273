package io.tollgate.helm;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.agent.config.Feature;
import io.tollgate.agent.config.Settings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The programs themselves read the configuration that the chart writes for them. */
class ConfigurationTest {
  private static final Path PROXY = Path.of("../proxy/target/tollgate-proxy.jar");
  private static final Path CONTROL_PLANE =
      Path.of("../control-plane/server/target/tollgate-control-plane.jar");

  private static final Map<String, String> SECRETS =
      Map.of(
          "TOLLGATE_CONTROL_PLANE_TOKEN", "token-of-the-proxy",
          "TOLLGATE_DATABASE_PASSWORD", "password",
          "TOLLGATE_MIGRATOR_PASSWORD", "password",
          "TOLLGATE_TOKEN_0", "token-of-the-admin",
          "TOLLGATE_TOKEN_1", "token-of-the-proxy");

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        """
        proxy:
          port: 8001
          routes:
            - name: receipts
              feature: pdf-receipts
              match: {path: "/donations/{number}/receipt"}
            - name: analytics
              meters: {calls: 5}
              match: {path: /analytics/**, methods: [GET]}
          extraConfig:
            limits: {quota-status: 402}
            staleness: {after: 10m, policy: last-known}
          controlPlane: {url: "https://billing.example.org"}
        """
      })
  void proxyYaml_ofTheChart_isAccepted(String values) throws Exception {
    check(PROXY, Chart.render(values).file("shop-workload", "proxy.yaml"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        """
        controlPlane:
          testClocks: true
          bodyLimit: 4MiB
          database: {host: db.example.org, port: 6432, migrator: {user: owner}}
        """
      })
  void controlPlaneYaml_ofTheChart_isAccepted(String values) throws Exception {
    check(CONTROL_PLANE, Chart.render(values).file("shop-control-plane", "control-plane.yaml"));
  }

  @Test
  void agentProperties_ofTheChart_areAccepted() throws Exception {
    Chart chart =
        Chart.render(
            """
            agent:
              enabled: true
              reportInterval: 5s
              features:
                pdf-receipts: io.acme.Receipts#issue, io.acme.Receipts#again(java.lang.String)
                sms: io.acme.Messages#send
              extraProperties:
                tenants.max: 500
            """);
    Path file = directory.resolve("agent.properties");
    Files.writeString(file, chart.file("shop-workload", "agent.properties"));
    Settings settings = Settings.read(file.toString(), Map.of("HOSTNAME", "shop-workload-0"));
    assertThat(settings.features()).extracting(Feature::key).containsExactly("pdf-receipts", "sms");
    assertThat(settings.features().get(0).rules()).hasSize(2);
    assertThat(settings.source()).isEqualTo("shop-workload-0");
    assertThat(settings.letterbox()).hasToString("http://127.0.0.1:9100/letterbox");
    assertThat(settings.reportMillis()).isEqualTo(5_000);
    assertThat(settings.mostTenants()).isEqualTo(500);
  }

  /** Runs the program's own check on a configuration. */
  private void check(Path program, String yaml) throws IOException, InterruptedException {
    assertThat(program).as("packaged before this module is tested").isRegularFile();
    Path config = Files.writeString(directory.resolve("config.yaml"), yaml);
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    ProcessBuilder builder =
        new ProcessBuilder(
                List.of(java, "-jar", program.toString(), "--config", config.toString(), "--check"))
            .redirectErrorStream(true);
    builder.environment().putAll(SECRETS);
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as("%s of%n%s", said, yaml).isZero();
  }
}
