package io.tollgate.agent.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.agent.config.Settings;
import io.tollgate.contract.UsageTotals;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Booking, spool and delivery over real HTTP and real files; only time is the test's. */
class ReporterTest {
  private static final long HOUR_MILLIS = 3_600_000;

  private final TestLetterbox letterbox = new TestLetterbox();
  private final SetTime time = new SetTime();
  private final Counters counters = new Counters(1, 2_500, "overflow");
  @TempDir Path spool;

  @AfterEach
  void close() {
    letterbox.close();
  }

  @Test
  void round_withCounts_deliversThemOnce() throws Exception {
    Reporter reporter = reporter();
    counters.of("a").count(0);
    reporter.round();
    reporter.round();
    assertThat(letterbox.units()).isEqualTo(Map.of("a/ai", 1L));
    assertThat(letterbox.messages()).hasSize(1);
    assertThat(letterbox.messages().get(0).source()).isEqualTo("test");
  }

  @Test
  void round_withManyTenants_sendsBoundedMessages() throws Exception {
    Reporter reporter = reporter();
    for (int tenant = 0; tenant < 2_500; tenant++) {
      counters.of("tenant " + tenant).count(0);
    }
    reporter.round();
    assertThat(letterbox.messages())
        .extracting(message -> message.totals().size())
        .containsExactly(1_000, 1_000, 500);
    assertThat(letterbox.messages()).extracting(UsageTotals::sequence).containsExactly(1L, 2L, 3L);
    assertThat(letterbox.units()).hasSize(2_500);
  }

  @Test
  void round_whileLetterboxIsDown_keepsAndDeliversByTheHourLater() throws Exception {
    Reporter reporter = reporter();
    letterbox.close();
    counters.of("a").count(0);
    reporter.round();
    time.wall += HOUR_MILLIS;
    counters.of("a").count(0);
    counters.of("a").count(0);
    reporter.round();
    letterbox.reopen();
    reporter.round();
    assertThat(letterbox.messages()).as("too early to try again").isEmpty();
    time.nanos += 60_000_000_000L;
    reporter.round();
    assertThat(letterbox.messages().get(0).totals())
        .extracting(total -> total.hour() + " " + total.total())
        .containsExactly("2026-03-01T10:00:00Z 1", "2026-03-01T11:00:00Z 2");
  }

  @Test
  void round_ofTheNextIncarnation_deliversWhatTheLastOneLeft() throws Exception {
    letterbox.close();
    Path left = spoolOfAnEndedProcess(reporter(), "tenant/with space");
    letterbox.reopen();
    new Reporter(settings(), new Counters(1, 10, "overflow"), time).round();
    assertThat(letterbox.units()).isEqualTo(Map.of("tenant/with space/ai", 3L));
    assertThat(left).doesNotExist();
  }

  @Test
  void round_ofASpoolWithATornLine_deliversTheRest() throws Exception {
    letterbox.close();
    Path left = spoolOfAnEndedProcess(reporter(), "a");
    Files.writeString(left, "T 490000 9", StandardOpenOption.APPEND);
    letterbox.reopen();
    new Reporter(settings(), new Counters(1, 10, "overflow"), time).round();
    assertThat(letterbox.units()).isEqualTo(Map.of("a/ai", 3L));
  }

  @Test
  void round_ofASpoolThatIsNone_leavesItAndGoesOn() throws Exception {
    Path other = Files.writeString(spool.resolve("x.spool"), "something else\n");
    Reporter reporter = reporter();
    counters.of("a").count(0);
    reporter.round();
    assertThat(letterbox.units()).isEqualTo(Map.of("a/ai", 1L));
    assertThat(other).exists();
  }

  @Test
  void round_withoutASpoolDirectory_deliversNevertheless() throws Exception {
    Path file = Files.writeString(spool.resolve("file"), "in the way");
    Settings settings =
        Settings.read(arguments() + ",spool.directory=" + file.resolve("sub"), Map.of());
    counters.of("a").count(0);
    new Reporter(settings, counters, time).round();
    assertThat(letterbox.units()).isEqualTo(Map.of("a/ai", 1L));
  }

  @Test
  void round_overManyReportsWhileDown_keepsTheSpoolBounded() throws Exception {
    letterbox.close();
    Reporter reporter = reporter();
    for (int report = 0; report < 40; report++) {
      for (int tenant = 0; tenant < 1_000; tenant++) {
        counters.of("tenant " + tenant).count(0);
      }
      reporter.round();
    }
    assertThat(Files.size(onlySpool())).isLessThan(1_100_000);
    letterbox.reopen();
    time.nanos += 600_000_000_000L;
    reporter.round();
    assertThat(letterbox.units()).hasSize(1_000).containsEntry("tenant 7/ai", 40L);
  }

  @Test
  void post_toAServerThatChunksItsAnswer_readsIt() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread answering = new Thread(() -> answerInChunks(server));
      answering.start();
      Settings settings =
          Settings.read("letterbox.url=http://127.0.0.1:" + server.getLocalPort(), Map.of());
      assertThat(new Letterbox(settings.letterbox()).post(new byte[] {'{', '}'}))
          .isEqualTo("{\"a\":1}");
      answering.join();
    }
  }

  private static void answerInChunks(ServerSocket server) {
    try (Socket socket = server.accept();
        InputStream in = socket.getInputStream();
        OutputStream out = socket.getOutputStream()) {
      // To the body's last byte: who closes on unread bytes breaks the caller's pipe.
      for (int next = in.read(); next >= 0 && next != '}'; next = in.read()) {
        assertThat(next).isNotNegative();
      }
      out.write(
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{\"a\r\n4;x=y\r\n\":1}\r\n0\r\n\r\n"
              .getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Lets a reporter spool three calls, and leaves its file as if the process were gone. */
  private Path spoolOfAnEndedProcess(Reporter reporter, String tenant) throws IOException {
    counters.of(tenant).count(0);
    reporter.round();
    counters.of(tenant).count(0);
    counters.of(tenant).count(0);
    reporter.round();
    Path locked = onlySpool();
    // The lock belongs to the file; a copy under another name has none.
    return Files.copy(locked, locked.resolveSibling("ended.spool"));
  }

  private Path onlySpool() throws IOException {
    try (Stream<Path> files = Files.list(spool)) {
      return files.findFirst().orElseThrow();
    }
  }

  private Reporter reporter() throws Exception {
    return new Reporter(settings(), counters, time);
  }

  private Settings settings() throws Exception {
    return Settings.read(arguments() + ",spool.directory=" + spool, Map.of());
  }

  private String arguments() {
    return "source=test,features.ai=io.acme.Ai#ask,letterbox.url=" + letterbox.url();
  }

  /** Clocks that stand until the test moves them. */
  private static final class SetTime extends Time {
    long wall = Instant.parse("2026-03-01T10:20:30Z").toEpochMilli();
    long nanos = -5;

    @Override
    long wallMillis() {
      return wall;
    }

    @Override
    long nanos() {
      return nanos;
    }
  }
}
