package io.tollgate.agent.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.tollgate.contract.UsageReceipt;
import io.tollgate.contract.UsageTotal;
import io.tollgate.contract.UsageTotals;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The receiving side of the contract over real HTTP: keeps the greatest total per source,
 * incarnation, tenant, meter and hour. Can be closed and opened again on the same port.
 */
public final class TestLetterbox implements AutoCloseable {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .addModule(new JavaTimeModule())
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .build();

  private record Key(String source, String incarnation, String tenant, String meter, String hour) {}

  private final Map<String, Long> lastSequence = new TreeMap<>();
  private final Map<Key, Long> greatest = new HashMap<>();
  private final List<UsageTotals> messages = new ArrayList<>();
  private final List<String> disorder = new ArrayList<>();
  private final int port;
  private HttpServer server;

  /** Opens on a free port. */
  public TestLetterbox() {
    this.server = listen(0);
    this.port = server.getAddress().getPort();
  }

  private HttpServer listen(int wanted) {
    try {
      HttpServer listening =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), wanted), 0);
      listening.createContext("/letterbox", this::receive);
      listening.start();
      return listening;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Its URL. */
  public URI url() {
    return URI.create("http://127.0.0.1:" + port + "/letterbox");
  }

  /** Opens again after {@link #close}. */
  public void reopen() {
    server = listen(port);
  }

  private synchronized void receive(HttpExchange exchange) throws IOException {
    UsageTotals totals = JSON.readValue(exchange.getRequestBody(), UsageTotals.class);
    messages.add(totals);
    Long before = lastSequence.put(totals.incarnation(), totals.sequence());
    if (before != null && before >= totals.sequence()) {
      disorder.add(totals.incarnation() + ": " + totals.sequence() + " after " + before);
    }
    for (UsageTotal total : totals.totals()) {
      Key key =
          new Key(
              totals.source(),
              totals.incarnation(),
              total.tenant(),
              total.meter(),
              total.hour().toString());
      greatest.merge(key, total.total(), Math::max);
    }
    byte[] receipt =
        JSON.writeValueAsBytes(
            new UsageReceipt(
                UsageReceipt.FORMAT, totals.sequence(), totals.totals().size(), List.of()));
    exchange.sendResponseHeaders(200, receipt.length);
    exchange.getResponseBody().write(receipt);
    exchange.close();
  }

  /** Units by "tenant/meter", over all incarnations and hours. */
  public synchronized Map<String, Long> units() {
    Map<String, Long> units = new TreeMap<>();
    greatest.forEach((key, total) -> units.merge(key.tenant + "/" + key.meter, total, Long::sum));
    return units;
  }

  /** The messages in the order of their arrival. */
  public synchronized List<UsageTotals> messages() {
    return List.copyOf(messages);
  }

  /** Messages whose sequence did not rise. */
  public synchronized List<String> disorder() {
    return List.copyOf(disorder);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
