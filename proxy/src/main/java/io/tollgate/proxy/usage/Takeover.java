package io.tollgate.proxy.usage;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the files of earlier starts hold that the control plane has not acknowledged. */
final class Takeover {
  private static final Logger LOG = LoggerFactory.getLogger(Takeover.class);

  /** A counter: of several records for the same, the greatest of each number. */
  record Found(SlotKey key, long total, long acknowledged) {
    Found merge(Found other) {
      return new Found(
          key, Math.max(total, other.total), Math.max(acknowledged, other.acknowledged));
    }
  }

  private final Map<SlotKey, Found> counters = new HashMap<>();
  private final Map<Source, Source> sources = new HashMap<>();

  void read(Segment segment) {
    Map<Integer, Source> here = new HashMap<>();
    int damaged = 0;
    for (int record = 1; record < segment.capacity(); record++) {
      int at = record * Segment.RECORD;
      int kind = segment.kind(at);
      if (kind == Segment.FREE) {
        continue;
      }
      if (!segment.isSound(at)) {
        damaged++;
      } else if (kind == Segment.SOURCE) {
        here.put(record, source(segment, at));
      } else if (kind == Segment.COUNTER) {
        Source source = here.get(segment.sourceRecord(at));
        if (source == null) {
          damaged++;
        } else {
          counter(segment, at, source);
        }
      }
    }
    if (damaged > 0) {
      LOG.error("journal file {}: {} records are damaged and lost", segment.number(), damaged);
    }
  }

  private Source source(Segment segment, int at) {
    Source found = new Source(segment.sourceName(at), segment.incarnation(at), segment.word(at));
    // Of several records of one source, the one with the greatest sequence.
    return sources.merge(found, found, (a, b) -> a.sequence() >= b.sequence() ? a : b);
  }

  private void counter(Segment segment, int at, Source source) {
    long total = segment.word(at);
    // A sealed record was acknowledged in whole; what its word says since does not count.
    if (total >= 0) {
      SlotKey key = new SlotKey(source, segment.tenant(at), segment.meter(at), segment.hour(at));
      counters.merge(key, new Found(key, total, segment.acknowledged(at)), Found::merge);
    }
  }

  List<Found> unacknowledged() {
    return counters.values().stream()
        .filter(found -> found.total() > found.acknowledged())
        .map(this::withLatestSource)
        .toList();
  }

  private Found withLatestSource(Found found) {
    SlotKey key = found.key();
    Source latest = sources.getOrDefault(key.source(), key.source());
    return new Found(
        new SlotKey(latest, key.tenant(), key.meter(), key.hour()),
        found.total(),
        found.acknowledged());
  }
}
