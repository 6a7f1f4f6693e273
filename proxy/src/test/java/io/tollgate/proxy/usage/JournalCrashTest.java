package io.tollgate.proxy.usage;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.UsageTotals;
import io.vertx.core.Vertx;
import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A process that counts is killed, again and again, at any moment; what it counted stays. */
class JournalCrashTest {
  private static final int KILLS = 8;

  @TempDir Path directory;

  @Test
  void kill_atAnyMoment_losesNoUnitThatWasCounted() throws Exception {
    Random random = new Random(20260301);
    Map<String, Long> said = new HashMap<>();
    for (int kill = 0; kill < KILLS; kill++) {
      countAndDie(random.nextInt(5, 400), said);
      Map<String, Long> kept = kept();
      said.forEach(
          (incarnation, additions) ->
              assertThat(kept.getOrDefault(incarnation, 0L))
                  .as("units of incarnation %s after kill %s", incarnation, said.size())
                  // It dies before it can say its last additions.
                  .isBetween(additions, additions + 5_000_000));
      // What was said once is exact from now on: nothing adds to it any more.
      said.putAll(kept);
    }
    assertThat(said).hasSize(KILLS);
    assertThat(said.values()).allMatch(units -> units > 0);
  }

  private void countAndDie(int millis, Map<String, Long> said) throws Exception {
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xmx64m",
                "-cp",
                classPath(),
                CountingProcess.class.getName(),
                directory.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader out =
        new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
      String incarnation = out.readLine();
      assertThat(incarnation).isNotNull();
      // However slow the machine is, it has counted before its time begins to run.
      long last = Long.parseLong(out.readLine());
      Thread killer =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      TimeUnit.MILLISECONDS.sleep(millis);
                    } catch (InterruptedException e) {
                      Thread.currentThread().interrupt();
                    }
                    child.toHandle().destroyForcibly();
                  });
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        last = Long.parseLong(line);
      }
      killer.join();
      assertThat(child.waitFor()).isEqualTo(128 + 9);
      said.put(incarnation, last);
    }
  }

  /** Where the child's classes come from, however this test was started. */
  private static String classPath() {
    return Stream.of(
            CountingProcess.class,
            Journal.class,
            UsageTotals.class,
            Vertx.class,
            LoggerFactory.class,
            ch.qos.logback.classic.Logger.class,
            ch.qos.logback.core.Context.class)
        .map(type -> type.getProtectionDomain().getCodeSource().getLocation().getPath())
        .distinct()
        .collect(Collectors.joining(File.pathSeparator));
  }

  /** Opens the journal as the next start would, and sums up by incarnation. */
  private Map<String, Long> kept() throws Exception {
    JournalSettings settings =
        new JournalSettings(
            "parent", directory, 4096, Duration.ofSeconds(1), Duration.ofSeconds(1), 100);
    Map<String, Long> units = new HashMap<>();
    try (Journal journal = Journal.open(settings, InstantSource.system())) {
      for (Slot slot : journal.backlog().takeAll()) {
        units.merge(slot.source().incarnation(), slot.total(), Long::sum);
      }
    }
    return units;
  }
}
