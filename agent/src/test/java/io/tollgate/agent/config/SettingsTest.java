package io.tollgate.agent.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {
  @TempDir Path directory;

  @Test
  void read_withoutAnything_hasDefaultsAndNoFeature() throws Exception {
    Settings settings = Settings.read(null, Map.of("HOSTNAME", "pod-7"));
    assertThat(settings.features()).isEmpty();
    assertThat(settings.source()).isEqualTo("pod-7");
    assertThat(settings.letterbox()).isEqualTo(URI.create("http://127.0.0.1:9100/letterbox"));
    assertThat(settings.reportMillis()).isEqualTo(1_000);
    assertThat(settings.shutdownMillis()).isEqualTo(2_000);
    assertThat(settings.mostTenants()).isEqualTo(10_000);
    assertThat(settings.overflowTenant()).isEqualTo("overflow");
    assertThat(settings.carriesContext()).isTrue();
  }

  @Test
  void read_fromFileAndArguments_takesArgumentsOverFile() throws Exception {
    String file =
        file(
            """
            source = from-file
            # a comment
            features.pdf-receipts = io.acme.Receipts#issue, \\
                io.acme.Receipts#again(java.lang.String, int)
            features.ai = io.acme.ai.*#ask*
            report.interval = 250ms
            """);
    Settings settings = Settings.read(file + ",source=from-arguments", Map.of());
    assertThat(settings.source()).isEqualTo("from-arguments");
    assertThat(settings.reportMillis()).isEqualTo(250);
    assertThat(settings.features()).extracting(Feature::key).containsExactly("ai", "pdf-receipts");
    assertThat(settings.features()).extracting(Feature::number).containsExactly(0, 1);
    assertThat(settings.features().get(1).rules())
        .extracting(MethodRule::toString)
        .containsExactly("io.acme.Receipts#issue", "io.acme.Receipts#again(java.lang.String, int)");
  }

  @Test
  void read_ofFileInEnvironment_takesIt() throws Exception {
    String file = file("source = by-environment");
    assertThat(Settings.read("", Map.of("TOLLGATE_AGENT_CONFIG", file)).source())
        .isEqualTo("by-environment");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          letterbox.url = https://x/        | letterbox.url: 'https://x/' must be an http URL
          report.interval = 5               | report.interval: '5' must be 100ms to 3600000ms
          report.interval = 1ms             | report.interval: '1ms' must be 100ms to 3600000ms
          tenants.max = many                | tenants.max: 'many' must be a whole number from 1
          tenants.max = 99999999999999999   | must be a whole number from 1
          context.carry = yes               | context.carry: 'yes' must be true or false
          source = my app                   | source: 'my app' must have 1 to 128 characters
          spool.directory =                 | spool.directory: has no value
          sorce = x                         | sorce: is no setting; there are context.carry, features.
          features.a/b = io.acme.X#y        | must have 1 to 128 characters
          features.x =                      | features.x: names no method
          features.x = io.acme.Receipts     | 'io.acme.Receipts' is no method; write package.Class#method
          features.x = io.acme.R#           | is no method
          features.x = *#pay                | '*' would match nearly every class
          features.x = io*.R#pay            | would match nearly every class
          features.x = io.acme.R#pay-all    | 'pay-all' has '-'; write a method's name
          features.x = io.acme.R#pay(int    | is no method
          """)
  void read_ofWrongLine_namesFileLineAndRemedy(String line, String message) throws IOException {
    String file = file("# first line\nfeatures.good = io.acme.Good#work\n" + line.strip() + "\n");
    assertThatThrownBy(() -> Settings.read("config=" + file, Map.of()))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining(file + ":3: ")
        .hasMessageContaining(message.strip());
  }

  @Test
  void read_ofKeyTwice_namesBothLines() throws IOException {
    String file = file("source = a\n\nsource = b\n");
    assertThatThrownBy(() -> Settings.read(file, Map.of()))
        .hasMessage(file + ":3: source: stands in " + file + ":1 already; keep one of them");
  }

  @Test
  void read_ofMissingFile_namesIt() {
    assertThatThrownBy(() -> Settings.read("/no/such/file", Map.of()))
        .isInstanceOf(SettingsException.class)
        .hasMessageStartingWith("/no/such/file: cannot be read; give a readable properties file");
  }

  @Test
  void read_ofBadArgument_namesIt() {
    assertThatThrownBy(() -> Settings.read("source=a,b", Map.of()))
        .hasMessageStartingWith("agent argument 'b': is no key=value");
    assertThatThrownBy(() -> Settings.read("source=a,source=b", Map.of()))
        .hasMessageContaining("is given twice");
  }

  @Test
  void matchesMethod_withParameterTypes_tellsOverloadsApart() throws Exception {
    MethodRule rule = rule("io.acme.R#pay(java.lang.String, int[])");
    assertThat(rule.matchesMethod("pay", List.of("java.lang.String", "int[]"))).isTrue();
    assertThat(rule.matchesMethod("pay", List.of("java.lang.String"))).isFalse();
    assertThat(rule("io.acme.R#pay()").matchesMethod("pay", List.of())).isTrue();
    assertThat(rule("io.acme.R#pay()").matchesMethod("pay", List.of("int"))).isFalse();
  }

  @Test
  void matchesMethod_ofNew_meansConstructorsOnly() throws Exception {
    assertThat(rule("io.acme.R#new").matchesMethod("<init>", List.of())).isTrue();
    assertThat(rule("io.acme.R#*").matchesMethod("<init>", List.of())).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "io.acme.R,        io.acme.R,       true",
    "io.acme.R,        io.acme.RS,      false",
    "io.acme.*,        io.acme.a.B,     true",
    "io.acme.*,        io.acme,         false",
    "io.*.R,           io.a.b.R,        true",
    "io.*Service,      io.a.PayService, true",
    "io.*Service,      io.a.PayServices,false",
    "io.**a*b,         io.xaxbab,       true",
  })
  void matchesType_byPattern(String pattern, String type, boolean matches) throws Exception {
    assertThat(rule(pattern + "#m").matchesType(type)).isEqualTo(matches);
  }

  private static MethodRule rule(String text) throws SettingsException {
    return MethodRule.parse(new Setting("features.x", text, "test"), text);
  }

  private String file(String content) throws IOException {
    return Files.writeString(directory.resolve("agent.properties"), content).toString();
  }
}
