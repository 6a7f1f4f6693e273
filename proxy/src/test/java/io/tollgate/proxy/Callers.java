package io.tollgate.proxy;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Those who call a proxy for a tenant, each on a connection of its own, one call after the other. A
 * proxy that is gone is called until it is back.
 */
final class Callers implements AutoCloseable {
  private static final int HUNG_MILLIS = 60_000;
  private static final int RETRY_MILLIS = 200;

  /** Calls put to a proxy. */
  final LongAdder offered = new LongAdder();

  /** Answers of the upstream. */
  final LongAdder passed = new LongAdder();

  /** Refusals because of the limit. */
  final LongAdder refused = new LongAdder();

  /** Refusals because what is left of the limit was not known. */
  final LongAdder unknown = new LongAdder();

  /** Other answers. */
  final LongAdder odd = new LongAdder();

  /** Calls whose proxy went away. */
  final LongAdder broken = new LongAdder();

  /** Calls without an answer within a minute. */
  final LongAdder hung = new LongAdder();

  private final Outages outages;
  private final String tenant;
  private final long everyNanos;
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean onHold;
  private volatile boolean over;

  /**
   * They begin at once.
   *
   * @param outages told of calls that were answered late, or without knowledge
   * @param tenant whose key they have
   * @param node the proxy
   * @param count so many callers
   * @param everyNanos between two calls of a caller
   */
  Callers(Outages outages, String tenant, Node node, int count, long everyNanos) {
    this.outages = outages;
    this.tenant = tenant;
    this.everyNanos = everyNanos;
    for (int i = 0; i < count; i++) {
      long shift = everyNanos * i / count;
      threads.add(Thread.ofVirtual().start(() -> call(node.seat, shift)));
    }
  }

  /** Calls that can be under way at once. */
  int atOnce() {
    return threads.size();
  }

  private void call(Seat seat, long shift) {
    try {
      long next = System.nanoTime() + shift;
      while (!over) {
        try (Socket socket = new Socket()) {
          socket.connect(new InetSocketAddress(seat.host(), seat.port()), 2_000);
          socket.setTcpNoDelay(true);
          socket.setSoTimeout(HUNG_MILLIS);
          InputStream in = new BufferedInputStream(socket.getInputStream());
          while (!over) {
            Thread.sleep(Duration.ofNanos(Math.max(0, next - System.nanoTime())));
            next = Math.max(next + everyNanos, System.nanoTime());
            if (!onHold) {
              exchange(socket, in);
            }
          }
        } catch (IOException e) {
          Thread.sleep(RETRY_MILLIS);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void exchange(Socket socket, InputStream in) throws IOException {
    String request = "GET / HTTP/1.1\r\nHost: h\r\nX-Api-Key: key-" + tenant + "\r\n\r\n";
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    offered.increment();
    long sent = System.nanoTime();
    try {
      String status = status(in);
      outages.answered(sent, System.nanoTime(), status.equals("503"));
      switch (status) {
        case "200" -> passed.increment();
        case "429" -> refused.increment();
        case "503" -> unknown.increment();
        default -> odd.increment();
      }
    } catch (SocketTimeoutException e) {
      hung.increment();
      throw e;
    } catch (IOException e) {
      broken.increment();
      throw e;
    }
  }

  /** Reads a whole answer with a length. */
  private static String status(InputStream in) throws IOException {
    String status = null;
    int length = 0;
    for (String line = line(in); line != null && !line.isEmpty(); line = line(in)) {
      status = status == null ? line.split(" ", 3)[1] : status;
      if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
        length = Integer.parseInt(line.substring(15).trim());
      }
    }
    if (status == null || in.skip(length) < 0) {
      throw new IOException("no answer");
    }
    return status;
  }

  private static @Nullable String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c >= 0; c = in.read()) {
      if (c == '\n') {
        return line.toString().trim();
      }
      line.append((char) c);
    }
    return null;
  }

  /** They end the calls they have begun, and begin no other one until told to. */
  void hold(boolean whether) {
    onHold = whether;
  }

  /** Answers by who knows what is left. */
  long told() {
    return passed.sum() + refused.sum();
  }

  /** Calls put and not answered yet. */
  long underWay() {
    long ended = passed.sum() + refused.sum() + unknown.sum() + odd.sum() + broken.sum();
    return offered.sum() - ended - hung.sum();
  }

  /** They hang up. */
  @Override
  public void close() {
    over = true;
    threads.forEach(Thread::interrupt);
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
