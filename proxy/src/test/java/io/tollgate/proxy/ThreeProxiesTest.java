package io.tollgate.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.proxy.limit.hazelcast.TestJvm;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The real thing: three proxies as they ship, one cluster, callers at several times the limits,
 * while proxies are killed, stopped for longer than their leases live, cut off from each other and
 * lost all at once. What is admitted is counted by the upstream behind them: never above the limit
 * and never below it but for what is stated. See {@link Proof}, which runs in a process of its own,
 * in a network namespace of its own where the kernel and one's rights allow it.
 *
 * <p>{@code -Dtollgate.proof=N} plays N rounds of other victims with both kinds of wires, and with
 * leases that last; {@code -Pnightly} does.
 */
class ThreeProxiesTest {
  private static final int ROUNDS = Integer.getInteger("tollgate.proof", 0);
  private static final long MINUTES = 10;

  @TempDir private Path folder;

  static Stream<Arguments> plays() throws InterruptedException {
    List<String> wires =
        Namespaces.areAllowed() ? List.of("namespaces", "relays") : List.of("relays");
    return ROUNDS == 0
        ? Stream.of(Arguments.of(wires.get(0), 1L, "short"))
        : LongStream.rangeClosed(1, ROUNDS)
            .boxed()
            .flatMap(seed -> wires.stream().map(kind -> Arguments.of(kind, seed, "long")));
  }

  @ParameterizedTest
  @MethodSource("plays")
  void killedPausedCutAndLost_neverAboveTheLimitsNorBelowWhatIsStated(
      String wires, long seed, String length) throws Exception {
    List<String> command =
        new ArrayList<>(wires.equals("namespaces") ? Namespaces.enter() : List.of());
    command.addAll(
        TestJvm.command(
            Proof.class,
            List.of("-Xmx256m", "-XX:TieredStopAtLevel=1"),
            List.of(folder.toString(), wires, Long.toString(seed), length)));
    Path said = folder.resolve("said");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile()).start();
    try {
      boolean ended = process.waitFor(MINUTES, TimeUnit.MINUTES);
      String all = Files.readString(said, StandardCharsets.UTF_8);
      assertThat(ended && process.exitValue() == 0).as(all).isTrue();
      all.lines().filter(line -> line.startsWith(Proof.MARK)).forEach(System.out::println);
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }
}
