package io.tollgate.controlplane.invoice.document;

import java.util.List;

/** Whole numbers in English words, in one of the two scales English is counted in. */
final class EnglishNumber {
  /** Thousand, lakh (10^5), crore (10^7); above that, lakh crore. */
  static final EnglishNumber INDIAN =
      new EnglishNumber(
          new Step(10_000_000L, "Crore"), new Step(100_000L, "Lakh"), new Step(1_000L, "Thousand"));

  /** Thousand, million, billion, trillion, quadrillion, quintillion. */
  static final EnglishNumber INTERNATIONAL =
      new EnglishNumber(
          new Step(1_000_000_000_000_000_000L, "Quintillion"),
          new Step(1_000_000_000_000_000L, "Quadrillion"),
          new Step(1_000_000_000_000L, "Trillion"),
          new Step(1_000_000_000L, "Billion"),
          new Step(1_000_000L, "Million"),
          new Step(1_000L, "Thousand"));

  private static final String[] SMALL =
      ("Zero One Two Three Four Five Six Seven Eight Nine Ten Eleven Twelve Thirteen Fourteen"
              + " Fifteen Sixteen Seventeen Eighteen Nineteen")
          .split(" ");
  private static final String[] TENS =
      "- - Twenty Thirty Forty Fifty Sixty Seventy Eighty Ninety".split(" ");

  private record Step(long value, String name) {}

  private final List<Step> steps;

  private EnglishNumber(Step... steps) {
    this.steps = List.of(steps);
  }

  /** Zero and up. */
  String of(long number) {
    for (Step step : steps) {
      if (number >= step.value()) {
        return of(number / step.value())
            + " "
            + step.name()
            + (number % step.value() == 0 ? "" : " " + of(number % step.value()));
      }
    }
    return belowThousand((int) number);
  }

  private static String belowThousand(int number) {
    if (number < 20) {
      return SMALL[number];
    }
    if (number < 100) {
      return TENS[number / 10] + (number % 10 == 0 ? "" : "-" + SMALL[number % 10]);
    }
    return SMALL[number / 100]
        + " Hundred"
        + (number % 100 == 0 ? "" : " " + belowThousand(number % 100));
  }
}
