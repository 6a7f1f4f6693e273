package io.tollgate.examples.donations;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Issues receipts. The agent's configuration names {@link #issue} as the feature pdf-receipts. */
final class Receipts {
  /**
   * A receipt for a donation.
   *
   * @return a PDF document of one page
   */
  byte[] issue(String organisation, Organisation.Donation donation) {
    List<String> lines =
        List.of(
            organisation,
            "Receipt " + donation.number(),
            "Received with thanks from " + donation.donor(),
            donation.amount().toPlainString() + " INR for " + donation.cause(),
            donation.given().toString());
    return pdf(lines).getBytes(StandardCharsets.ISO_8859_1);
  }

  private static String pdf(List<String> lines) {
    StringBuilder text = new StringBuilder("BT /F1 14 Tf 72 760 Td 20 TL\n");
    for (String line : lines) {
      text.append('(').append(escape(line)).append(") Tj T*\n");
    }
    text.append("ET");
    List<String> objects =
        List.of(
            "<< /Type /Catalog /Pages 2 0 R >>",
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R"
                + " /Resources << /Font << /F1 4 0 R >> >> >>",
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
            "<< /Length " + text.length() + " >>\nstream\n" + text + "\nendstream");
    StringBuilder document = new StringBuilder("%PDF-1.4\n");
    List<Integer> offsets = new ArrayList<>();
    for (int number = 1; number <= objects.size(); number++) {
      offsets.add(document.length());
      document.append(number).append(" 0 obj\n").append(objects.get(number - 1));
      document.append("\nendobj\n");
    }
    int table = document.length();
    document.append("xref\n0 ").append(objects.size() + 1).append("\n0000000000 65535 f \n");
    offsets.forEach(offset -> document.append("%010d 00000 n \n".formatted(offset)));
    return document
        .append("trailer\n<< /Root 1 0 R /Size ")
        .append(objects.size() + 1)
        .append(" >>\nstartxref\n")
        .append(table)
        .append("\n%%EOF\n")
        .toString();
  }

  /** Text as a PDF string of single bytes; what Latin-1 lacks becomes a question mark. */
  private static String escape(String text) {
    StringBuilder escaped = new StringBuilder();
    for (int at = 0; at < text.length(); at++) {
      char letter = text.charAt(at);
      if (letter == '(' || letter == ')' || letter == '\\') {
        escaped.append('\\');
      }
      escaped.append(letter < ' ' || letter > 0xff ? '?' : letter);
    }
    return escaped.toString();
  }
}
