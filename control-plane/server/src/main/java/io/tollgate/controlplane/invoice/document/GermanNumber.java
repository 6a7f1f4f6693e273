package io.tollgate.controlplane.invoice.document;

/** Whole numbers in German words, up to billions (10^12 and beyond). */
final class GermanNumber {
  private static final String[] SMALL =
      ("null ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn"
              + " fünfzehn sechzehn siebzehn achtzehn neunzehn")
          .split(" ");
  private static final String[] TENS =
      "- - zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig".split(" ");

  private GermanNumber() {}

  /** Zero and up, in the form that stands before a noun: "ein Euro", "einundzwanzig Cent". */
  static String of(long number) {
    if (number >= 1_000_000_000_000L) {
      return large(number, 1_000_000_000_000L, "Billion", "Billionen");
    }
    if (number >= 1_000_000_000L) {
      return large(number, 1_000_000_000L, "Milliarde", "Milliarden");
    }
    if (number >= 1_000_000L) {
      return large(number, 1_000_000L, "Million", "Millionen");
    }
    if (number >= 1_000) {
      return belowThousand((int) (number / 1_000))
          + "tausend"
          + (number % 1_000 == 0 ? "" : belowThousand((int) (number % 1_000)));
    }
    return belowThousand((int) number);
  }

  private static String large(long number, long step, String one, String many) {
    String head = number / step == 1 ? "eine " + one : of(number / step) + " " + many;
    return head + (number % step == 0 ? "" : " " + of(number % step));
  }

  private static String belowThousand(int number) {
    if (number < 20) {
      return SMALL[number];
    }
    if (number < 100) {
      return (number % 10 == 0 ? "" : SMALL[number % 10] + "und") + TENS[number / 10];
    }
    return SMALL[number / 100] + "hundert" + (number % 100 == 0 ? "" : belowThousand(number % 100));
  }
}
