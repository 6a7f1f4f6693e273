package io.tollgate.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tollgate.proxy.config.yaml.ProxyFile;
import io.tollgate.proxy.forward.TestCertificates;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A wrong or meaningless value of each key: refused with file, line, key and what is allowed. */
class MistakesTest {
  private static final Map<String, String> ENVIRONMENT =
      Map.of("TOKEN", "s3cret", "TWO_LINES", "s3cret\nX-Admin: 1");
  private static final Pattern REFERENCE = Pattern.compile("\\| (`[^|]+`) \\| [^|]* \\| .*");
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");

  @TempDir static Path directory;
  private static TestCertificates made;

  record Mistake(String text, String message) {}

  @BeforeAll
  static void make() throws Exception {
    made = new TestCertificates(directory).leaf("one").leaf("other");
  }

  static List<Mistake> mistakes() throws IOException {
    try (InputStream in = MistakesTest.class.getResourceAsStream("mistakes.txt")) {
      String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
      return text.lines()
          .filter(line -> !line.isEmpty() && !line.startsWith("#"))
          .map(line -> line.split(" \\| ", 2))
          .map(parts -> new Mistake(parts[0], parts[1]))
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void read_mistake_namesFileLineAndKey_andWhatIsAllowed(Mistake mistake) {
    List<String> lines = new ArrayList<>();
    if (!mistake.text().startsWith("control-plane:")) {
      lines.add("control-plane: {url: \"http://127.0.0.1:8080\", token: {env: TOKEN}}");
    }
    if (!mistake.text().startsWith("upstreams:")) {
      lines.add("upstreams: {api: {addresses: [\"127.0.0.1:8081\"]}}");
    }
    lines.add(
        mistake
            .text()
            .replace("STRANGE_KEY", made.key("other").toString())
            .replace("CERTIFICATE", made.certificate("one").toString())
            .replace("KEY", made.key("one").toString()));
    boolean whole = mistake.message().startsWith("the key 'upstream' is missing");
    assertThatThrownBy(
            () -> ProxyFile.parse("proxy.yaml", String.join("\n", lines) + "\n", ENVIRONMENT))
        .hasMessageStartingWith("proxy.yaml:" + (whole ? 1 : lines.size()) + ": ")
        .hasMessageContaining(mistake.message())
        .hasMessageNotContaining("s3cret");
  }

  @Test
  void everyKeyOfTheReference_hasAMistake() throws IOException {
    Set<String> tried = new TreeSet<>();
    for (Mistake mistake : mistakes()) {
      tried.add(key(mistake.message()));
    }
    Set<String> reference = reference();
    assertThat(reference).hasSizeGreaterThan(100);
    reference.removeAll(tried);
    reference.removeAll(Set.of("routes[].meters")); // its elements are tried
    assertThat(reference).isEmpty();
  }

  /** The key that a message names, as the reference writes it. */
  private static String key(String message) {
    String path = message.contains(": ") ? message.substring(0, message.indexOf(": ")) : "";
    return path.replaceAll("\\[[0-9]+]$", "")
        .replaceAll("\\[[0-9]+]", "[]")
        .replaceAll("^upstreams\\.api", "upstreams.NAME")
        .replaceAll("^routes\\[]\\.meters\\.x", "meters.NAME")
        .replaceAll("^(routes\\[]\\.match\\.headers)\\..*", "$1")
        .replaceAll("^identification\\.sources\\[]\\.", "");
  }

  /** The keys in the tables of "Configuration"; one that begins with a dot has its neighbour's. */
  private static Set<String> reference() throws IOException {
    Set<String> keys = new TreeSet<>();
    String readme = Files.readString(Path.of("README.md"));
    int from = readme.indexOf("\n## Configuration\n");
    String last = "";
    for (String line : readme.substring(from, readme.indexOf("\n## ", from + 1)).split("\n", -1)) {
      Matcher row = REFERENCE.matcher(line);
      if (!row.matches()) {
        continue;
      }
      Matcher code = CODE.matcher(row.group(1));
      while (code.find()) {
        String key = code.group(1);
        last = key.startsWith(".") ? last.substring(0, last.lastIndexOf('.')) + key : key;
        keys.add(last);
      }
    }
    return keys;
  }
}
