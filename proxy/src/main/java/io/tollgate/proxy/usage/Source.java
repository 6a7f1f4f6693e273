package io.tollgate.proxy.usage;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Who counted: this proxy's present start, an earlier one, or an agent. Keeps the sequence of the
 * messages sent for it, in the journal, so that it rises over restarts too. Equal by name and
 * incarnation.
 */
final class Source {
  private final String name;
  private final String incarnation;
  private @Nullable Segment segment;
  private int record;
  private long sequence;

  Source(String name, String incarnation, long sequence) {
    this.name = name;
    this.incarnation = incarnation;
    this.sequence = sequence;
  }

  String name() {
    return name;
  }

  String incarnation() {
    return incarnation;
  }

  byte[] nameBytes() {
    return name.getBytes(StandardCharsets.UTF_8);
  }

  byte[] incarnationBytes() {
    return incarnation.getBytes(StandardCharsets.UTF_8);
  }

  synchronized long sequence() {
    return sequence;
  }

  /** The next message's sequence. */
  synchronized long nextSequence() {
    sequence++;
    if (segment != null) {
      segment.setWord(record, sequence);
    }
    return sequence;
  }

  /** The newest record of this source, where its sequence is kept. */
  synchronized void standsIn(Segment home, int at) {
    segment = home;
    record = at;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Source that
        && name.equals(that.name)
        && incarnation.equals(that.incarnation);
  }

  @Override
  public int hashCode() {
    return 31 * name.hashCode() + incarnation.hashCode();
  }
}
