package io.tollgate.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/** A process of its own with the shaded agent in it, running a program of {@code src/test/host}. */
final class Host implements AutoCloseable {
  /** What Maven has packaged. */
  static final Path JAR = Path.of("target/tollgate-agent.jar").toAbsolutePath();

  /** The libraries the hosts have, of all that the tests have. */
  private static final String SERVLETS =
      jar(javax.servlet.Servlet.class) + File.pathSeparator + jar(jakarta.servlet.Servlet.class);

  private static final Path CLASSES = compile();
  private static final long PATIENCE_SECONDS = 120;

  private final Process process;
  private final Path out;
  private final Path err;

  private Host(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
  }

  private static Path jar(Class<?> type) {
    return Path.of(URI.create(type.getProtectionDomain().getCodeSource().getLocation().toString()));
  }

  /** Compiled for Java 8, so that every JDK runs them. */
  private static Path compile() {
    try {
      Path classes = Files.createTempDirectory("tollgate-host");
      List<String> arguments =
          new ArrayList<>(List.of("--release", "8", "-nowarn", "-Xlint:-options"));
      arguments.addAll(List.of("-d", classes.toString()));
      arguments.addAll(List.of("-cp", SERVLETS));
      try (Stream<Path> sources = Files.walk(Path.of("src/test/host"))) {
        sources.map(Path::toString).filter(name -> name.endsWith(".java")).forEach(arguments::add);
      }
      int status =
          ToolProvider.getSystemJavaCompiler()
              .run(null, null, null, arguments.toArray(String[]::new));
      assertThat(status).as("hosts compile").isZero();
      return classes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Host start(Path jdk, List<String> jvmOptions, String main, Object... arguments)
      throws IOException {
    Path out = Files.createTempFile("host", ".out");
    Path err = Files.createTempFile("host", ".err");
    List<String> command = new ArrayList<>(List.of(jdk.resolve("bin/java").toString()));
    command.addAll(jvmOptions);
    command.addAll(List.of("-cp", CLASSES + File.pathSeparator + SERVLETS, "host." + main));
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    return new Host(process, out, err);
  }

  static List<String> agent(String arguments) {
    return List.of("-javaagent:" + JAR + "=" + arguments);
  }

  long pid() {
    return process.pid();
  }

  /** Waits until the host has printed a line. */
  Host await(String line) throws InterruptedException, IOException {
    await(out, line);
    return this;
  }

  /** Waits until the agent, or the host, has said something on stderr. */
  void awaitError(String text) throws InterruptedException, IOException {
    await(err, text);
  }

  private void await(Path file, String text) throws InterruptedException, IOException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!Files.readString(file).contains(text)) {
      assertThat(process.isAlive() && System.nanoTime() < deadline)
          .as("host prints '%s'; it printed: %s %s", text, out(), err())
          .isTrue();
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  Host enter() throws IOException {
    process.getOutputStream().write('\n');
    process.getOutputStream().flush();
    return this;
  }

  /** Waits for the end of the host, which must be a good one. */
  Host end() throws InterruptedException, IOException {
    assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(err()).isZero();
    return this;
  }

  /** Ends it as {@code kill -9} does. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  String out() throws IOException {
    return Files.readString(out);
  }

  String err() throws IOException {
    return Files.readString(err);
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    Files.deleteIfExists(out);
    Files.deleteIfExists(err);
  }
}
