package io.tollgate.examples.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;

/**
 * A load of so many requests a second that come one by one, as independent callers make them
 * (exponential gaps), not in step as the connections of a closed loop do. A latency counts from the
 * instant at which its request was due, so that nothing that keeps the load itself waiting is left
 * out. A program of its own: {@code PORT REQUESTS_A_SECOND SECONDS TENANTS} prints {@code RESULT
 * requests errors p50 p99}, in microseconds, and before it, where there were errors, which.
 */
final class PacedLoad {
  private static final int CONNECTIONS = 64;
  private static final long WARM_UP_NANOS = 1_500_000_000;
  private static final long SEED = 1;

  /** Silence after the last request that means no answer will come: being woken up does not. */
  private static final long PATIENCE_NANOS = 5_000_000_000L;

  private static final byte[] HEAD_END = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private final ConcurrentLinkedQueue<Connection> idle = new ConcurrentLinkedQueue<>();
  private final Selector selector;
  private final byte[][] requests;
  private final long[] latencies;
  private volatile long countFrom;
  private volatile boolean sent;
  private int counted;
  private long errors;
  private int unanswered;

  /** How often which status came that is not 200. */
  private final Map<Integer, Integer> others = new TreeMap<>();

  private PacedLoad(int port, int tenants, int most) throws IOException {
    selector = Selector.open();
    latencies = new long[most];
    requests = new byte[tenants][];
    for (int i = 0; i < tenants; i++) {
      String head =
          "GET /causes HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nX-Api-Key: %s\r\n\r\n"
              .formatted(port, ControlPlaneDouble.key(i));
      requests[i] = head.getBytes(StandardCharsets.US_ASCII);
    }
    for (int i = 0; i < CONNECTIONS; i++) {
      idle.add(new Connection(port, selector));
    }
  }

  /** One call at a time. */
  private static final class Connection {
    private final SocketChannel channel;
    private final ByteBuffer answer = ByteBuffer.allocateDirect(8192);
    private final ByteBuffer request = ByteBuffer.allocateDirect(512);
    private volatile long due;

    Connection(int port, Selector selector) throws IOException {
      channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.configureBlocking(false);
      channel.register(selector, SelectionKey.OP_READ, this);
    }

    void send(byte[] head, long at) throws IOException {
      due = at;
      answer.clear();
      request.clear().put(head).flip();
      if (channel.write(request) != head.length) {
        throw new IOException("a request did not fit into an empty socket");
      }
    }

    /** Reads what is there: the answer's status when it is whole, else 0. */
    int receive() throws IOException {
      if (channel.read(answer) < 0) {
        throw new IOException("an answer's connection was closed");
      }
      int body = indexOf(answer, HEAD_END);
      if (body < 0) {
        return 0;
      }
      byte[] head = new byte[body];
      answer.get(0, head);
      String text = new String(head, StandardCharsets.US_ASCII);
      int length = text.toLowerCase(Locale.ROOT).indexOf("content-length: ");
      int end = text.indexOf('\r', length);
      int size =
          Integer.parseInt(text.substring(length + 16, end < 0 ? text.length() : end).strip());
      return answer.position() < body + HEAD_END.length + size
          ? 0
          : Integer.parseInt(text.substring(9, 12));
    }

    private static int indexOf(ByteBuffer bytes, byte[] wanted) {
      for (int i = 0; i + wanted.length <= bytes.position(); i++) {
        boolean same = true;
        for (int j = 0; same && j < wanted.length; j++) {
          same = bytes.get(i + j) == wanted[j];
        }
        if (same) {
          return i;
        }
      }
      return -1;
    }
  }

  /** What {@link ProxyBenchmark} starts, pinned beside the upstream. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    int perSecond = Integer.parseInt(arguments[1]);
    int seconds = Integer.parseInt(arguments[2]);
    new PacedLoad(
            Integer.parseInt(arguments[0]),
            Integer.parseInt(arguments[3]),
            2 * perSecond * (seconds + 1))
        .run(perSecond, seconds);
  }

  private void run(int perSecond, int seconds) throws IOException, InterruptedException {
    Thread receiver = new Thread(this::receive, "receiver");
    receiver.start();
    long began = System.nanoTime();
    countFrom = began + WARM_UP_NANOS;
    long last = countFrom + seconds * 1_000_000_000L;
    Random random = new Random(SEED);
    double gap = 1e9 / perSecond;
    double due = began;
    while (due < last) {
      due += -Math.log(1 - random.nextDouble()) * gap;
      await((long) due);
      next().send(requests[random.nextInt(requests.length)], (long) due);
    }
    sent = true;
    selector.wakeup();
    receiver.join();
    if (errors + unanswered > 0) {
      System.out.printf(Locale.ROOT, "ERRORS %s, %d without an answer%n", others, unanswered);
    }
    Arrays.sort(latencies, 0, counted);
    System.out.printf(
        Locale.ROOT,
        "RESULT %d %d %d %d%n",
        counted,
        errors + unanswered,
        latencies[counted / 2] / 1000,
        latencies[(int) (counted * 99L / 100)] / 1000);
  }

  private static void await(long due) {
    for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  private Connection next() {
    Connection connection = idle.poll();
    while (connection == null) {
      LockSupport.parkNanos(20_000);
      connection = idle.poll();
    }
    return connection;
  }

  private void receive() {
    try {
      long heard = System.nanoTime();
      while (!sent || idle.size() < CONNECTIONS) {
        if (selector.select(1000) > 0) {
          heard = System.nanoTime();
        } else if (sent && System.nanoTime() - heard > PATIENCE_NANOS) {
          unanswered = CONNECTIONS - idle.size();
          return;
        }
        for (SelectionKey key : selector.selectedKeys()) {
          answered((Connection) key.attachment());
        }
        selector.selectedKeys().clear();
      }
    } catch (IOException e) {
      System.err.println(e);
      System.exit(1);
    }
  }

  private void answered(Connection connection) throws IOException {
    int status = connection.receive();
    if (status == 0) {
      return;
    }
    long due = connection.due;
    if (due >= countFrom && counted < latencies.length) {
      latencies[counted++] = System.nanoTime() - due;
      if (status != 200) {
        errors++;
        others.merge(status, 1, Integer::sum);
      }
    }
    idle.add(connection);
  }
}
