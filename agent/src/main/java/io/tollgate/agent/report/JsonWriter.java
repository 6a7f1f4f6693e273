package io.tollgate.agent.report;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;

/** Writes the contract's {@code UsageTotals}; a JSON library would be the host's to choose. */
final class JsonWriter {
  private static final int FORMAT = 1;
  private static final int SECONDS_PER_HOUR = 3_600;

  private final StringBuilder json = new StringBuilder(256);

  /** The message in UTF-8. */
  static byte[] usageTotals(
      String source, String incarnation, long sequence, List<Snapshot> totals) {
    JsonWriter writer = new JsonWriter();
    writer.json.append("{\"format\":").append(FORMAT).append(",\"source\":");
    writer.string(source);
    writer.json.append(",\"incarnation\":");
    writer.string(incarnation);
    writer.json.append(",\"sequence\":").append(sequence).append(",\"totals\":[");
    for (int at = 0; at < totals.size(); at++) {
      writer.json.append(at == 0 ? "" : ",");
      writer.total(totals.get(at));
    }
    return writer.json.append("]}").toString().getBytes(StandardCharsets.UTF_8);
  }

  private void total(Snapshot snapshot) {
    json.append("{\"tenant\":");
    string(snapshot.total.tenant);
    json.append(",\"meter\":");
    string(snapshot.total.feature);
    json.append(",\"hour\":\"")
        .append(Instant.ofEpochSecond(snapshot.total.hour * SECONDS_PER_HOUR))
        .append("\",\"total\":")
        .append(snapshot.units)
        .append('}');
  }

  private void string(String text) {
    json.append('"');
    for (int at = 0; at < text.length(); at++) {
      char letter = text.charAt(at);
      if (letter == '"' || letter == '\\') {
        json.append('\\').append(letter);
      } else if (letter < ' ' || Character.isSurrogate(letter)) {
        json.append("\\u");
        for (int shift = 12; shift >= 0; shift -= 4) {
          json.append(Character.forDigit((letter >> shift) & 0xf, 16));
        }
      } else {
        json.append(letter);
      }
    }
    json.append('"');
  }
}
