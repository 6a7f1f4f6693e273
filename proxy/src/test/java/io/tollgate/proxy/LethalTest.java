package io.tollgate.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.proxy.config.FreePorts;
import io.tollgate.proxy.forward.Await;
import io.tollgate.proxy.forward.Origin;
import io.tollgate.proxy.forward.RawClient;
import io.tollgate.proxy.http.Lethal;
import io.tollgate.proxy.limit.hazelcast.TestJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The real program, in a JVM of its own, whose direct memory is used up: it ends, and says so. */
@Timeout(300)
class LethalTest {
  private static final int MOST_CALLERS = 1_000;
  private static final int LARGE = 16 << 20;

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"io-uring", "nio"})
  void directMemoryUsedUp_endsTheProcess(String transport) throws Exception {
    byte[] large = new byte[LARGE];
    Arrays.fill(large, (byte) 'x');
    List<RawClient> callers = new ArrayList<>();
    try (FakeControlPlane controlPlane = new FakeControlPlane();
        Origin origin = new Origin(connection -> answer(connection, large))) {
      controlPlane.put(TestProxy.anyone());
      int port = FreePorts.one();
      Process program = start(transport, port, controlPlane.port(), origin.port());
      try {
        Await.until(() -> answers(port));
        while (program.isAlive() && callers.size() < MOST_CALLERS) {
          ask(port, callers); // and never reads
        }
        assertThat(program.waitFor(60, TimeUnit.SECONDS)).as("%d callers", callers.size()).isTrue();
        assertThat(program.exitValue()).isEqualTo(Lethal.EXIT);
        assertThat(Files.readString(directory.resolve("log"))).contains("the process ends: ");
      } finally {
        program.destroyForcibly().waitFor();
        for (RawClient caller : callers) {
          caller.close();
        }
      }
    }
  }

  private static void answer(Origin.Connection connection, byte[] large) throws IOException {
    for (String head = connection.head(); !head.isEmpty(); head = connection.head()) {
      if (head.startsWith("GET /small ")) {
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
      } else {
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + large.length + "\r\n\r\n");
        connection.out().write(large);
      }
    }
  }

  private static void ask(int port, List<RawClient> callers) {
    try {
      RawClient caller = new RawClient(port);
      callers.add(caller);
      caller.send("GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
    } catch (IOException e) {
      // It is about to end, or has.
    }
  }

  private static boolean answers(int port) {
    try (RawClient client = new RawClient(port)) {
      return client.send("GET /small HTTP/1.1\r\nHost: h\r\n\r\n").response().endsWith("ok");
    } catch (IOException e) {
      return false;
    }
  }

  private Process start(String transport, int port, int controlPlane, int origin)
      throws IOException {
    int cluster = FreePorts.one();
    Path file = directory.resolve("proxy.yaml");
    Files.writeString(
        file,
        """
        node: lethal
        data: "%s"
        listener: {host: 127.0.0.1, port: %d, defence: {memory: 1024GiB}}
        admin: {port: 0}
        letterbox: {port: 0}
        cluster: {name: "lethal-%d", port: %d}
        control-plane: {url: "http://127.0.0.1:%d", token: {env: TOKEN}, timeout: 20s}
        limits: {answer-within: 10s}
        identification: {anonymous-tenant: anyone}
        upstreams: {api: {addresses: ["127.0.0.1:%d"]}}
        engine: {transports: [%s]}
        """
            .formatted(
                directory.resolve("data"),
                port,
                cluster,
                cluster,
                controlPlane,
                origin,
                transport));
    ProcessBuilder program =
        new ProcessBuilder(
            TestJvm.command(
                ProxyMain.class,
                List.of("-Xmx256m", "-XX:MaxDirectMemorySize=6m", "-XX:TieredStopAtLevel=1"),
                List.of("--config", file.toString())));
    program.environment().put("TOKEN", FakeControlPlane.TOKEN);
    return program
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve("log").toFile())
        .start();
  }
}
