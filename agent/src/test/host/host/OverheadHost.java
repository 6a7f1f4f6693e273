package host;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URL;
import java.util.Arrays;
import java.util.Locale;

/**
 * Measures what a counted call costs: the same small method twice, once configured as a feature
 * ({@code host.OverheadHost#counted}), once not, within a request of a tenant. Prints the median of
 * rounds in nanoseconds of processor time a call. Argument: threads.
 */
public final class OverheadHost {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final int ROUNDS = 15;
  private static final int CALLS = 20_000_000;

  public static void main(String[] arguments) throws Exception {
    int threads = Integer.parseInt(arguments[0]);
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", OverheadHost::handle);
    server.setExecutor(java.util.concurrent.Executors.newFixedThreadPool(threads));
    server.start();
    Thread[] callers = new Thread[threads];
    for (int at = 0; at < threads; at++) {
      callers[at] = new Thread(() -> call(server.getAddress().getPort()));
      callers[at].start();
    }
    for (Thread caller : callers) {
      caller.join();
    }
    System.exit(0);
  }

  private static void call(int port) {
    try {
      HttpURLConnection connection =
          (HttpURLConnection) new URL("http://127.0.0.1:" + port + "/").openConnection();
      connection.setRequestProperty("X-Tollgate-Tenant", "a");
      connection.getResponseCode();
    } catch (java.io.IOException failure) {
      throw new IllegalStateException(failure);
    }
  }

  private static void handle(HttpExchange exchange) throws java.io.IOException {
    double[] counted = new double[ROUNDS];
    double[] plain = new double[ROUNDS];
    long sum = 0;
    for (int round = 0; round < ROUNDS; round++) {
      long start = THREADS.getCurrentThreadCpuTime();
      for (int call = 0; call < CALLS; call++) {
        sum = counted(sum);
      }
      long middle = THREADS.getCurrentThreadCpuTime();
      for (int call = 0; call < CALLS; call++) {
        sum = plain(sum);
      }
      long end = THREADS.getCurrentThreadCpuTime();
      counted[round] = (middle - start) / (double) CALLS;
      plain[round] = (end - middle) / (double) CALLS;
    }
    Arrays.sort(counted);
    Arrays.sort(plain);
    System.out.printf(
        Locale.ROOT,
        "counted %.2f ns, plain %.2f ns a call, medians of %d rounds of %d (%d)%n",
        counted[ROUNDS / 2],
        plain[ROUNDS / 2],
        ROUNDS,
        CALLS,
        sum % 10);
    exchange.sendResponseHeaders(204, -1);
    exchange.close();
  }

  static long counted(long value) {
    return value * 31 + 7;
  }

  static long plain(long value) {
    return value * 31 + 7;
  }
}
