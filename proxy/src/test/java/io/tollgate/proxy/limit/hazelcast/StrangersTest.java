package io.tollgate.proxy.limit.hazelcast;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Entitlements;
import io.tollgate.contract.StoreDown;
import io.tollgate.proxy.config.FreePorts;
import io.tollgate.proxy.limit.LimitSettings;
import io.tollgate.proxy.limit.Sample;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Who is not of the cluster and comes to its port all the same, and what it does to the cluster.
 */
class StrangersTest {
  private final Entitlements tenant = Sample.tenant("t").quota("q", 1_000).entitlements();

  /** They are two clusters: neither is changed by the other, and only the log tells. */
  @Test
  void memberOfAnotherName_isAClusterOfItsOwn() throws Exception {
    int port = FreePorts.one();
    int other = FreePorts.one();
    List<String> members = List.of("127.0.0.1:" + port, "127.0.0.1:" + other);
    Entitlements one = Sample.tenant("one").quota("q", 1).entitlements();
    try (LimitCluster first = join("one", port, members);
        LimitCluster second = join("two", other, members)) {
      assertThat(LimitClusterTest.admit(first, one)).isTrue();
      assertThat(LimitClusterTest.admit(second, one)).isTrue();
      assertThat(LimitClusterTest.admit(first, one)).isFalse();
      assertThat(first.members()).isEqualTo(1);
      assertThat(second.members()).isEqualTo(1);
    }
  }

  @Test
  void garbageOnThePort_isClosedOn_andTheClusterGoesOn() throws Exception {
    int port = FreePorts.one();
    byte[] noise = new byte[4_096];
    new Random(1).nextBytes(noise);
    try (LimitCluster cluster = join("one", port, List.of())) {
      for (String begin :
          List.of("", "GET / HTTP/1.1\r\n\r\n", "HZC\0", "CP2", "\u0016\u0003\u0001")) {
        assertThat(isClosedOn(port, begin.getBytes(StandardCharsets.ISO_8859_1), noise))
            .as("after '%s'", begin)
            .isTrue();
      }
      assertThat(cluster.members()).isEqualTo(1);
      assertThat(LimitClusterTest.admit(cluster, tenant)).isTrue();
    }
  }

  private static boolean isClosedOn(int port, byte[] begin, byte[] rest) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(begin);
      socket.getOutputStream().write(rest);
      InputStream answer = socket.getInputStream();
      while (answer.read() >= 0) {
        // what it says before it closes
      }
      return true;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true; // reset
    }
  }

  private static LimitCluster join(String name, int port, List<String> members) {
    return LimitCluster.join(
        settings(name, port, members),
        new LimitSettings(
            Duration.ofSeconds(10),
            StoreDown.CLOSED,
            Duration.ofMillis(400),
            Duration.ofSeconds(10)),
        null,
        alert -> {});
  }

  private static ClusterSettings settings(String name, int port, List<String> members) {
    return new ClusterSettings(
        "strangers-" + name, "node-" + port, "127.0.0.1", port, members, Duration.ofSeconds(2));
  }
}
