package io.tollgate.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RollTest {
  @TempDir private Path data;
  private final List<Process> started = new ArrayList<>();

  @AfterEach
  void endStarted() {
    started.forEach(Process::destroyForcibly);
  }

  @Test
  void endLeftovers_ofAKilledQuickstart_endsItsProcesses() throws Exception {
    Process left = rollWithOne();
    headIs("999999999 0");

    assertThat(Roll.endLeftovers(data)).isEqualTo(1);

    assertThat(left.isAlive()).isFalse();
  }

  @Test
  void endLeftovers_whileTheirQuickstartRuns_touchesNone() throws Exception {
    Process own = rollWithOne();

    assertThat(Roll.endLeftovers(data)).isZero();

    assertThat(own.isAlive()).isTrue();
  }

  @Test
  void endLeftovers_whereANumberWasGivenAnew_touchesNone() throws Exception {
    Process other = process();
    Files.writeString(data.resolve("running"), "999999999 0\n" + other.pid() + " 1\n");

    assertThat(Roll.endLeftovers(data)).isZero();

    assertThat(other.isAlive()).isTrue();
  }

  @Test
  void endLeftovers_afterAnOrderlyEnd_findsNoRoll() throws Exception {
    Roll.begin(data).close();

    assertThat(Roll.endLeftovers(data)).isZero();
    assertThat(data).isEmptyDirectory();
  }

  private Process rollWithOne() throws IOException {
    Roll roll = Roll.begin(data);
    Process process = process();
    roll.add(process.toHandle());
    return process;
  }

  private Process process() throws IOException {
    Process process = new ProcessBuilder("sleep", "60").start();
    started.add(process);
    return process;
  }

  private void headIs(String line) throws IOException {
    List<String> lines = new ArrayList<>(Files.readAllLines(data.resolve("running")));
    lines.set(0, line);
    Files.write(data.resolve("running"), lines);
  }
}
