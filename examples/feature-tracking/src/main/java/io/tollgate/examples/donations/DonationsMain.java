package io.tollgate.examples.donations;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Starts the donations API. */
public final class DonationsMain {
  private static final String USAGE =
      """
      A small donations API: causes, donations, receipts. One organisation's data each.

      Usage: java [-javaagent:tollgate-agent.jar=agent.properties] -jar tollgate-donations.jar [options]

        --port PORT   where to listen (8090); 0 takes a free port
        --host HOST   on which address (127.0.0.1)
        --help        this text
      """;

  private static final int FAILURE = 1;
  private static final int WRONG_USE = 2;

  private DonationsMain() {}

  /**
   * Runs until the process is told to end.
   *
   * @param arguments {@code --port}, {@code --host}, {@code --help}
   */
  public static void main(String[] arguments) {
    int port = 8090;
    String host = "127.0.0.1";
    for (int at = 0; at < arguments.length; at++) {
      String value = at + 1 < arguments.length ? arguments[at + 1] : "";
      switch (arguments[at]) {
        case "--port" -> {
          port = port(value);
          at++;
        }
        case "--host" -> {
          host = value;
          at++;
        }
        case "--help" -> {
          System.out.print(USAGE);
          return;
        }
        default -> refuse("unknown option " + arguments[at]);
      }
    }
    serve(host, port);
  }

  private static int port(String text) {
    if (!text.matches("[0-9]{1,5}") || Integer.parseInt(text) > 65_535) {
      refuse("--port: '" + text + "' must be a whole number from 0 to 65535");
    }
    return Integer.parseInt(text);
  }

  private static void refuse(String message) {
    System.err.println(message);
    System.err.print(USAGE);
    System.exit(WRONG_USE);
  }

  private static void serve(String host, int port) {
    HttpServer server;
    try {
      server = HttpServer.create(new InetSocketAddress(host, port), 0);
    } catch (BindException busy) {
      System.err.println(host + ":" + port + " cannot be had, choose another with --port: " + busy);
      System.exit(FAILURE);
      return;
    } catch (IOException failure) {
      System.err.println("cannot listen: " + failure);
      System.exit(FAILURE);
      return;
    }
    ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    server.setExecutor(executor);
    server.createContext("/", new DonationsApi(new Organisations(), Clock.systemUTC()));
    Runtime.getRuntime().addShutdownHook(new Thread(() -> server.stop(1), "donations-stop"));
    server.start();
    System.out.println("donations API on http://" + host + ":" + server.getAddress().getPort());
  }
}
