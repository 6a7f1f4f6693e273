package io.tollgate.proxy.usage;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts as fast as it can until it is killed, and says after each addition how far it is. Its
 * clock runs an hour ahead every 20,000 additions, so that files are made all the time.
 */
final class CountingProcess {
  private CountingProcess() {}

  public static void main(String[] arguments) throws Exception {
    JournalSettings settings =
        new JournalSettings(
            "child",
            Path.of(arguments[0]),
            4096,
            Duration.ofMillis(20),
            Duration.ofSeconds(1),
            100);
    AtomicLong additions = new AtomicLong();
    Instant start = Instant.parse("2026-03-01T00:00:00Z");
    Journal journal =
        Journal.open(settings, () -> start.plus(Duration.ofHours(additions.get() / 20_000)));
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    out.println(journal.incarnation());
    out.flush();
    for (long n = 1; ; n++) {
      journal.add("tenant-" + n % 7, "calls", 1);
      additions.incrementAndGet();
      if (n % 16 == 0) {
        out.println(n);
        out.flush();
      }
    }
  }
}
