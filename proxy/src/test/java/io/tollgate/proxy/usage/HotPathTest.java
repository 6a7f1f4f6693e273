package io.tollgate.proxy.usage;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a call through the proxy must not do while it is counted. */
class HotPathTest {
  private static final int ADDITIONS = 200_000;

  @TempDir Path directory;

  @Test
  void add_knownMeter_allocatesNothing() throws Exception {
    JournalSettings settings = JournalSettings.of("proxy-a", directory, Duration.ofSeconds(1));
    String[] tenants = new String[1_000];
    for (int i = 0; i < tenants.length; i++) {
      tenants[i] = "tenant-" + i;
    }
    try (Journal journal = Journal.open(settings, InstantSource.system())) {
      count(journal, tenants);
      count(journal, tenants);
      ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      long before = threads.getCurrentThreadAllocatedBytes();
      count(journal, tenants);
      long allocated = threads.getCurrentThreadAllocatedBytes() - before;
      // The measuring itself, and an hour that may just begin, allocate a little.
      assertThat(allocated).isLessThan(ADDITIONS);
    }
  }

  private static void count(Journal journal, String[] tenants) {
    for (int i = 0; i < ADDITIONS; i++) {
      journal.add(tenants[i % tenants.length], "calls", 1);
    }
  }
}
