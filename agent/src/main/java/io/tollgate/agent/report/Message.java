package io.tollgate.agent.report;

import java.io.IOException;
import java.util.List;

/** A message to the letterbox: totals as they were when it was made. Immutable. */
final class Message {
  final String source;
  final String incarnation;
  final long sequence;
  final List<Snapshot> totals;

  Message(String source, String incarnation, long sequence, List<Snapshot> totals) {
    this.source = source;
    this.incarnation = incarnation;
    this.sequence = sequence;
    this.totals = totals;
  }

  /**
   * Delivers the message.
   *
   * @return what the letterbox wrote about it
   */
  Receipt post(Letterbox letterbox) throws IOException {
    byte[] json = JsonWriter.usageTotals(source, incarnation, sequence, totals);
    return Receipt.parse(letterbox.post(json), sequence);
  }
}
