package io.tollgate.agent.report;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** What the letterbox answered: the contract's {@code UsageReceipt}. Immutable. */
final class Receipt {
  /** Why totals were refused, one text for each. */
  final List<String> refusals;

  private Receipt(List<String> refusals) {
    this.refusals = Collections.unmodifiableList(refusals);
  }

  /**
   * Reads the answer to a message.
   *
   * @throws IOException if it is no receipt, or one for another message
   */
  static Receipt parse(String json, long sequence) throws IOException {
    Object parsed = JsonReader.parse(json);
    Map<?, ?> receipt = parsed instanceof Map ? (Map<?, ?>) parsed : Collections.emptyMap();
    if (!String.valueOf(sequence).equals(receipt.get("sequence"))) {
      throw new IOException("its answer is no receipt for message " + sequence + ": " + json);
    }
    List<String> refusals = new ArrayList<>();
    Object refused = receipt.get("refused");
    if (refused instanceof List) {
      for (Object refusal : (List<?>) refused) {
        refusals.add(reason(refusal));
      }
    }
    return new Receipt(refusals);
  }

  private static String reason(Object refusal) {
    Object reason = refusal instanceof Map ? ((Map<?, ?>) refusal).get("reason") : null;
    return String.valueOf(reason);
  }
}
