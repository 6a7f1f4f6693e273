package io.tollgate.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class YamlFileTest {
  private static YamlMap parse(String text) {
    return YamlFile.parse("t.yaml", text, Map.of("TOKEN", "s3cret"));
  }

  @Test
  void close_unknownKey_namesFileLineKeyAndWhatIsAllowed() {
    YamlMap root = parse("listener:\n  port: 80\n  hots: x\n");
    YamlMap listener = root.map("listener");
    listener.value("port").port();
    listener.find("host");
    assertThatThrownBy(listener::close)
        .hasMessage(
            "t.yaml:3: listener.hots: unknown key; did you mean 'host'? allowed here: host, port");
  }

  @Test
  void allow_unknownKey_isNamedBeforeWhatItLeavesOut() {
    YamlMap root = parse("plnas: {}\n");
    assertThatThrownBy(() -> root.allow("catalog", "plans"))
        .hasMessage(
            "t.yaml:1: plnas: unknown key; did you mean 'plans'? allowed here: catalog, plans");
  }

  @Test
  void read_textThatIsNotUtf8_namesItsLine(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("latin1.yaml");
    Files.write(file, "# \u00fc\nnode: a\nname: caf\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> YamlFile.read(file)).hasMessageContaining("latin1.yaml:1: ");
    Files.write(file, "node: a\nname: caf\u00e9".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> YamlFile.read(file))
        .hasMessageContaining("latin1.yaml:2: the text is not UTF-8 here");
    Files.write(file, "# \u00fc\nname: caf\u00e9\n".getBytes(StandardCharsets.UTF_8));
    assertThat(YamlFile.read(file).value("name").text()).isEqualTo("caf\u00e9");
  }

  @Test
  void value_wrongType_saysWhatIsExpected() {
    YamlMap root = parse("port: eighty\nprice: [1]\nwait: 5 minutes\n");
    assertThatThrownBy(() -> root.value("port").port())
        .hasMessage("t.yaml:1: port: a whole number is expected, not 'eighty'");
    assertThatThrownBy(() -> root.value("price").decimal())
        .hasMessage("t.yaml:2: price: a number is expected");
    assertThatThrownBy(() -> root.value("wait").duration(Duration.ZERO, Duration.ofDays(1)))
        .hasMessageContaining("t.yaml:3: wait: a duration such as");
  }

  @Test
  void parse_nestedForEver_isRefusedWithItsLine() {
    assertThat(parse("a: " + "[".repeat(99) + "]".repeat(99)).value("a")).isNotNull();
    assertThatThrownBy(() -> parse("a:\n  " + "[".repeat(100_000)))
        .hasMessage("t.yaml:2: not YAML: nested deeper than 100 levels");
    assertThatThrownBy(() -> parse("{\"a\":".repeat(100_000)))
        .hasMessage("t.yaml:1: not YAML: nested deeper than 100 levels");
  }

  @Test
  void value_missing_saysThatThereIsNoDefault() {
    assertThatThrownBy(() -> parse("a: 1").value("b"))
        .hasMessage("t.yaml:1: the key 'b' is missing; it has no default");
  }

  @Test
  void parse_brokenYaml_namesTheLine() {
    assertThatThrownBy(() -> parse("a: 1\nb: [1, 2\nc: 3\n"))
        .isInstanceOf(YamlException.class)
        .hasMessageStartingWith("t.yaml:3: not YAML");
    assertThatThrownBy(() -> parse("a: 1\na: 2\n")).isInstanceOf(YamlException.class);
  }

  @Test
  void decimal_isExact() {
    assertThat(parse("p: 0.10").value("p").decimal()).isEqualTo(new BigDecimal("0.10"));
  }

  @Test
  void secret_comesFromOutsideAndNeverShows() {
    Secret secret = parse("token: {env: TOKEN}").value("token").secret();
    assertThat(secret.reveal()).isEqualTo("s3cret");
    assertThat(secret).hasToString("(secret)");
    assertThatThrownBy(() -> parse("token: abc").value("token").secret())
        .hasMessageContaining("{env: NAME}")
        .hasMessageNotContaining("abc");
    assertThatThrownBy(() -> parse("token: {env: NONE}").value("token").secret())
        .hasMessageContaining("NONE is not set");
  }
}
