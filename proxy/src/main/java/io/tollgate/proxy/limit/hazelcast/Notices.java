package io.tollgate.proxy.limit.hazelcast;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.topic.ITopic;
import io.tollgate.proxy.limit.LeasedLimits;
import io.tollgate.proxy.limit.cell.CounterName;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Recalls where clients hold leases too: a task cannot be sent to a client, a message can. Losing
 * one costs units of another node for a while, nothing else.
 */
final class Notices {
  private static final String TOPIC = "tollgate-recall-notices";

  private final HazelcastInstance hazelcast;
  private final long incarnation;
  private final Holders holders;
  private final ScheduledExecutorService worker;
  private final long boundMillis;
  private final AtomicLong numbers = new AtomicLong();
  private final Map<Long, Open> open = new ConcurrentHashMap<>();

  Notices(
      HazelcastInstance hazelcast,
      long incarnation,
      Holders holders,
      ScheduledExecutorService worker,
      long boundMillis) {
    this.hazelcast = hazelcast;
    this.incarnation = incarnation;
    this.holders = holders;
    this.worker = worker;
    this.boundMillis = boundMillis;
  }

  /** A recall under way. */
  private record Open(AtomicInteger missing, Runnable done) {}

  /** Answers the others' notices from these limits. */
  void serve(LeasedLimits limits) {
    var unused = topic().addMessageListener(message -> heard(message.getMessageObject(), limits));
  }

  private ITopic<RecallNotice> topic() {
    return hazelcast.getTopic(TOPIC);
  }

  private void heard(RecallNotice notice, LeasedLimits limits) {
    boolean mine = notice.asker() == incarnation;
    if (notice.isDone()) {
      Open recall = mine ? open.get(notice.number()) : null;
      if (recall != null && recall.missing().decrementAndGet() == 0) {
        finish(notice.number());
      }
    } else if (!mine) {
      limits.giveBack(notice.tenant(), notice.counters(), () -> publish(notice.done()));
    }
  }

  void recall(String tenant, Set<CounterName> counters, Runnable done) {
    long number = numbers.incrementAndGet();
    open.put(number, new Open(new AtomicInteger(Math.max(1, holders.all() - 1)), done));
    var unused = worker.schedule(() -> finish(number), boundMillis, TimeUnit.MILLISECONDS);
    publish(new RecallNotice(incarnation, number, tenant, counters));
  }

  private void publish(RecallNotice notice) {
    try {
      var unused = topic().publishAsync(notice);
    } catch (RuntimeException e) {
      // The cluster is away: who waits goes on at the bound.
    }
  }

  private void finish(long number) {
    Open recall = open.remove(number);
    if (recall != null) {
      worker.execute(recall.done());
    }
  }
}
