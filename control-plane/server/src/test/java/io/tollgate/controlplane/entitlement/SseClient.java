package io.tollgate.controlplane.entitlement;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A plain client of server-sent events, as a proxy is one. */
final class SseClient implements AutoCloseable {
  /** One event with when its last line came. */
  record Event(String id, String name, String data, long arrivedNanos) {}

  private final HttpURLConnection connection;
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private final Thread reader;

  SseClient(String url, String token) throws IOException {
    connection = (HttpURLConnection) URI.create(url).toURL().openConnection();
    connection.setRequestProperty("Authorization", "Bearer " + token);
    connection.setReadTimeout(20_000);
    if (connection.getResponseCode() != 200) {
      throw new IOException("status " + connection.getResponseCode());
    }
    reader = Thread.ofVirtual().start(this::read);
  }

  private void read() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8))) {
      String id = "";
      String name = "";
      String data = "";
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith(":")) {
          events.add(new Event("", "comment", line.substring(1).strip(), System.nanoTime()));
        } else if (line.startsWith("id: ")) {
          id = line.substring(4);
        } else if (line.startsWith("event: ")) {
          name = line.substring(7);
        } else if (line.startsWith("data: ")) {
          data = line.substring(6);
        } else if (line.isEmpty() && !name.isEmpty()) {
          events.add(new Event(id, name, data, System.nanoTime()));
          id = "";
          name = "";
        }
      }
    } catch (IOException e) {
      events.add(new Event("", "closed", e.toString(), System.nanoTime()));
    }
  }

  /** The next event of a name; others before it are dropped. */
  Event next(String name) throws InterruptedException {
    while (true) {
      Event event = events.poll(20, TimeUnit.SECONDS);
      if (event == null) {
        throw new AssertionError("no event '" + name + "' within 20 s");
      }
      if (event.name().equals(name)) {
        return event;
      }
    }
  }

  @Override
  public void close() {
    // Blocks until the reader's read ends, which is the next heartbeat.
    Thread.ofVirtual().start(connection::disconnect);
    reader.interrupt();
  }
}
