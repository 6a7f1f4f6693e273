package io.tollgate.examples.quickstart;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The calls of every tenant, made as their programs would make them: over HTTP, under their keys,
 * through both proxies in turn, all tenants at once.
 */
final class Traffic {
  private final Stage stage;
  private final Map<String, String> keys;
  private final Map<String, Tally> tallies = new LinkedHashMap<>();
  private final Tally strangers = new Tally();
  private final AtomicInteger turn = new AtomicInteger();

  /**
   * Traffic of nobody yet.
   *
   * @param keys API key by tenant
   */
  Traffic(Stage stage, Map<String, String> keys) {
    this.stage = stage;
    this.keys = keys;
    keys.keySet().forEach(tenant -> tallies.put(tenant, new Tally()));
  }

  /** Makes every member's calls; a stranger with a key nobody knows calls too. */
  void drive(List<Member> members) throws InterruptedException {
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running =
          members.stream().<Future<?>>map(member -> clients.submit(() -> drive(member))).toList();
      Future<?> stranger =
          clients.submit(
              () -> {
                for (int i = 0; i < 20; i++) {
                  strangers.book(Call.READ, send(Call.READ, "tg_nobody_knows_this_key_" + i));
                }
                return null;
              });
      for (Future<?> future : running) {
        future.get();
      }
      stranger.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof QuickstartException cause) {
        throw new QuickstartException(String.valueOf(cause.getMessage()));
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  private Void drive(Member member) throws InterruptedException {
    for (Map.Entry<Call, Integer> calls : member.calls().entrySet()) {
      for (int i = 0; i < calls.getValue(); i++) {
        send(member.id(), calls.getKey());
      }
    }
    return null;
  }

  /** One call of a tenant, through the next proxy in turn. */
  Http.Answer send(String tenant, Call call) throws InterruptedException {
    Http.Answer answer = send(call, keys.getOrDefault(tenant, ""));
    tally(tenant).book(call, answer);
    return answer;
  }

  private Http.Answer send(Call call, String key) throws InterruptedException {
    String proxy = stage.proxy(turn.getAndIncrement());
    return Http.call(
        call.method(),
        proxy + call.path(),
        call.form().isEmpty()
            ? Map.of("X-Api-Key", key)
            : Map.of("X-Api-Key", key, "Content-Type", "application/x-www-form-urlencoded"),
        call.form());
  }

  Tally tally(String tenant) {
    return tallies.computeIfAbsent(tenant, id -> new Tally());
  }

  Tally strangers() {
    return strangers;
  }
}
