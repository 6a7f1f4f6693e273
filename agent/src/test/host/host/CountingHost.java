package host;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.URL;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A host as customers have them: an HTTP server whose handlers do work, some of it on other
 * threads. Calls itself, prints what it did and ends. Arguments: requests per tenant, tenants, and
 * how long to stay afterwards in milliseconds.
 */
public final class CountingHost {
  private static final ExecutorService POOL = Executors.newFixedThreadPool(4);
  private static final ScheduledExecutorService TIMER = Executors.newScheduledThreadPool(1);

  public static void main(String[] arguments) throws Exception {
    int requests = Integer.parseInt(arguments[0]);
    int tenants = Integer.parseInt(arguments[1]);
    long stayMillis = Long.parseLong(arguments[2]);
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.setExecutor(Executors.newFixedThreadPool(8));
    server.createContext("/", CountingHost::handle);
    server.start();
    int port = server.getAddress().getPort();
    ExecutorService callers = Executors.newFixedThreadPool(8);
    List<Future<?>> calls = new ArrayList<>();
    for (int tenant = 0; tenant < tenants; tenant++) {
      String name = "tenant-" + tenant;
      for (int request = 0; request < requests; request++) {
        calls.add(callers.submit(() -> call(port, name)));
      }
    }
    for (Future<?> call : calls) {
      call.get();
    }
    new Work().plain();
    System.out.println("done");
    Thread.sleep(stayMillis);
    server.stop(0);
    callers.shutdown();
    POOL.shutdown();
    TIMER.shutdown();
    System.exit(0);
  }

  private static Object call(int port, String tenant) throws IOException {
    HttpURLConnection connection =
        (HttpURLConnection) new URL("http://127.0.0.1:" + port + "/").openConnection();
    connection.setRequestProperty("X-Tollgate-Tenant", tenant);
    if (connection.getResponseCode() != 204) {
      throw new IOException("status " + connection.getResponseCode());
    }
    return tenant;
  }

  private static void handle(HttpExchange exchange) throws IOException {
    Work work = new Work();
    work.plain();
    work.overloaded(1);
    try {
      work.failing();
    } catch (IllegalStateException expected) {
      // It throws, so it is not counted.
    }
    try {
      POOL.submit((Callable<Integer>) work::inPool).get();
      POOL.submit((Runnable) work::inPool).get();
      CompletableFuture<Void> executed = new CompletableFuture<>();
      POOL.execute(
          () -> {
            work.inPool();
            executed.complete(null);
          });
      executed.get();
      CompletableFuture.supplyAsync(work::inFuture)
          .thenApplyAsync(ignored -> work.inFuture())
          .get();
      TIMER.schedule((Callable<Integer>) work::inTimer, 1, TimeUnit.MILLISECONDS).get();
      onNewThread(work);
    } catch (Exception failure) {
      throw new IOException(failure);
    }
    exchange.sendResponseHeaders(204, -1);
    exchange.close();
  }

  /** On a virtual thread where there are some; this source is compiled for Java 8. */
  private static void onNewThread(Work work) throws Exception {
    try {
      Thread thread =
          (Thread)
              Thread.class
                  .getMethod("startVirtualThread", Runnable.class)
                  .invoke(null, (Runnable) work::inVirtualThread);
      thread.join();
    } catch (NoSuchMethodException olderJdk) {
      work.inVirtualThread();
    }
  }
}
