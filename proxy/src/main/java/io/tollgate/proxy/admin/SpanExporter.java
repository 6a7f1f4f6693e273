package io.tollgate.proxy.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tollgate.proxy.config.TracingSettings;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends spans by OTLP over HTTP: every second, or when a batch is full. What a collector does not
 * take is dropped and counted; memory is bounded. Thread-safe.
 */
final class SpanExporter implements AutoCloseable {
  /** Calls whose spans wait at most. */
  static final int WAITING = 4096;

  private static final int BATCH = 512;
  private static final long EVERY_MILLIS = 1_000;
  private static final long TIMEOUT_SECONDS = 5;
  private static final long CLOSE_SECONDS = 3;
  private static final Logger LOG = LoggerFactory.getLogger(SpanExporter.class);

  private final Vertx vertx;
  private final TracingSettings settings;
  private final HttpClient client;
  private final ArrayBlockingQueue<ArrayNode> waiting = new ArrayBlockingQueue<>(WAITING);
  private final AtomicBoolean sending = new AtomicBoolean();
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong dropped = new AtomicLong();
  private final long timer;

  SpanExporter(Vertx vertx, TracingSettings settings) {
    this.vertx = vertx;
    this.settings = settings;
    this.client = vertx.createHttpClient(new HttpClientOptions().setConnectTimeout(5_000));
    this.timer = vertx.setPeriodic(EVERY_MILLIS, tick -> send());
  }

  void add(ArrayNode spans) {
    if (!waiting.offer(spans)) {
      dropped.addAndGet(spans.size());
    } else if (waiting.size() >= BATCH) {
      send();
    }
  }

  long sent() {
    return sent.get();
  }

  long dropped() {
    return dropped.get();
  }

  /** One batch at a time; the next one follows while there is a full one. */
  private void send() {
    if (waiting.isEmpty() || !sending.compareAndSet(false, true)) {
      return;
    }
    vertx.runOnContext(
        nothing ->
            sendBatch()
                .onComplete(
                    (done, failure) -> {
                      sending.set(false);
                      if (waiting.size() >= BATCH) {
                        send();
                      }
                    }));
  }

  private Future<Void> sendBatch() {
    ObjectNode message = JsonNodeFactory.instance.objectNode();
    ObjectNode resource = message.putArray("resourceSpans").addObject();
    ObjectNode attribute = resource.putObject("resource").putArray("attributes").addObject();
    attribute.put("key", "service.name").putObject("value").put("stringValue", settings.service());
    ObjectNode scope = resource.putArray("scopeSpans").addObject();
    scope.putObject("scope").put("name", "io.tollgate.proxy");
    ArrayNode spans = scope.putArray("spans");
    for (int i = 0; i < BATCH; i++) {
      ArrayNode next = waiting.poll();
      if (next == null) {
        break;
      }
      spans.addAll(next);
    }
    return spans.isEmpty() ? Future.succeededFuture() : post(message.toString(), spans.size());
  }

  private Future<Void> post(String json, int spans) {
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setAbsoluteURI(settings.endpoint().toString())
            .putHeader(HttpHeaders.CONTENT_TYPE, "application/json");
    if (settings.authorization() != null) {
      options.putHeader(HttpHeaders.AUTHORIZATION, settings.authorization().reveal());
    }
    return client
        .request(options)
        .compose(request -> request.send(Buffer.buffer(json)))
        .compose(
            answer ->
                answer.statusCode() / 100 == 2
                    ? answer.end()
                    : Future.failedFuture("answered with " + answer.statusCode()))
        .timeout(TIMEOUT_SECONDS, TimeUnit.SECONDS)
        .onSuccess(taken -> sent.addAndGet(spans))
        .onFailure(
            failure -> {
              if (dropped.getAndAdd(spans) == 0) {
                LOG.warn(
                    "spans cannot be sent to {} and are dropped from now on: {}",
                    settings.endpoint(),
                    failure.getMessage());
              }
            });
  }

  @Override
  public void close() {
    vertx.cancelTimer(timer);
    try {
      Promise<Void> last = Promise.promise();
      vertx.runOnContext(nothing -> sendBatch().onComplete(last));
      last.future()
          .toCompletionStage()
          .toCompletableFuture()
          .orTimeout(CLOSE_SECONDS, TimeUnit.SECONDS)
          .join();
    } catch (CompletionException e) {
      LOG.debug("the last spans are lost: {}", String.valueOf(e.getMessage()));
    }
    var unused = client.close();
  }
}
