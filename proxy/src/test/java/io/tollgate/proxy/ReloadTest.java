package io.tollgate.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.proxy.config.Overrides;
import io.tollgate.proxy.config.ProxySettings;
import io.tollgate.proxy.config.yaml.ProxyFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ReloadTest {
  private static final String FILE =
      """
      control-plane: {url: "http://127.0.0.1:1", token: {env: PATH}}
      upstreams: {api: {addresses: ["127.0.0.1:2"]}}
      routes: [{name: %s}]
      """;

  @TempDir Path directory;

  @Test
  void changedFile_takesEffect_aWrongOneDoesNot() throws Exception {
    Path file = directory.resolve("proxy.yaml");
    Files.writeString(file, FILE.formatted("first"));
    List<String> applied = new CopyOnWriteArrayList<>();
    AtomicInteger reads = new AtomicInteger();
    try (Reload reload =
        new Reload(
            file,
            () -> {
              reads.incrementAndGet();
              return ProxyFile.read(file, Overrides.NONE);
            },
            settings -> applied.add(name(settings)))) {
      assertThat(reload).isNotNull();
      write(file, FILE.formatted("second"), 10);
      await(() -> applied.equals(List.of("second")));
      int before = reads.get();
      write(file, "routes: [{nam: third}]\n", 20);
      await(() -> reads.get() > before);
      write(file, FILE.formatted("fourth"), 30);
      await(() -> applied.equals(List.of("second", "fourth")));
    }
  }

  @Test
  void hangup_readsTheFileAgain() throws Exception {
    Path file = directory.resolve("proxy.yaml");
    Files.writeString(file, FILE.formatted("first"));
    List<String> applied = new CopyOnWriteArrayList<>();
    try (Reload reload =
        new Reload(
            file,
            () -> ProxyFile.read(file, Overrides.NONE),
            settings -> applied.add(name(settings)))) {
      assertThat(reload).isNotNull();
      // By its name, as Hangup does: javac warns of the class wherever it is written.
      Class<?> signal = Class.forName("sun.misc.Signal");
      Object hangup = signal.getConstructor(String.class).newInstance("HUP");
      signal.getMethod("raise", signal).invoke(null, hangup);
      List<String> expected = isIgnored() ? List.of() : List.of("first");
      await(() -> applied.equals(expected));
    }
  }

  /** Under {@code nohup} the JVM leaves SIGHUP ignored, as whoever started it so wants it. */
  private static boolean isIgnored() throws Exception {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return false;
    }
    String ignored =
        Files.readAllLines(status).stream()
            .filter(line -> line.startsWith("SigIgn:"))
            .findFirst()
            .orElseThrow();
    return Long.parseUnsignedLong(ignored.substring("SigIgn:".length()).strip(), 16) % 2 == 1;
  }

  @Test
  void settings_readTwice_areEqual_soThatNothingIsSwappedInVain() {
    ProxySettings one = ProxyFile.parse("t", FILE.formatted("a"), Map.of("PATH", "x"));
    ProxySettings two = ProxyFile.parse("t", FILE.formatted("a"), Map.of("PATH", "x"));
    assertThat(one.upstreams()).isEqualTo(two.upstreams());
    assertThat(one.waiting(two)).isEmpty();
  }

  @Test
  void settingsThatWaitForTheNextStart_areNamed() {
    ProxySettings one = ProxyFile.parse("t", FILE.formatted("a"), Map.of("PATH", "x"));
    String file = FILE.formatted("b") + "engine: {drain: 7s}\nlistener: {port: 1}\n";
    ProxySettings two = ProxyFile.parse("t", file, Map.of("PATH", "x"));
    assertThat(one.waiting(two)).containsExactly("listener", "engine");
  }

  private static String name(ProxySettings settings) {
    return settings.routes().all().get(0).name();
  }

  private static void write(Path file, String text, long secondsAhead) throws Exception {
    Path newer = file.resolveSibling("newer.yaml");
    Files.writeString(newer, text);
    Files.setLastModifiedTime(
        newer, FileTime.fromMillis(System.currentTimeMillis() + secondsAhead * 1000));
    Files.move(newer, file, StandardCopyOption.REPLACE_EXISTING);
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    for (int i = 0; i < 3000 && !condition.getAsBoolean(); i++) {
      Thread.sleep(10);
    }
    assertThat(condition.getAsBoolean()).isTrue();
  }
}
