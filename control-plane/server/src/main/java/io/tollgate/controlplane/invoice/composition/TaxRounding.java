package io.tollgate.controlplane.invoice.composition;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.invoice.Charge;
import io.tollgate.controlplane.invoice.InvoiceLine;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;

/**
 * Rounds the taxes of a document once per rate instead of once per line: the unrounded taxes of the
 * lines are summed, the sum is rounded, and its minor units are spread over the lines by largest
 * remainder. So the lines still come to the total, and each tax of a line is less than one minor
 * unit from its exact amount. Where prices contain the tax no line's gross changes; of a half the
 * net is rounded up, as that of a single line is. Pure.
 *
 * <p>A credit keeps the taxes that were charged, and so does what it credits on the same document.
 */
final class TaxRounding {
  /** Digits beyond the currency's, so that what does not terminate is still told from a half. */
  private static final int GUARD = 24;

  private final boolean inclusive;
  private final CurrencyUnit currency;
  private final List<InvoiceLine> lines;
  private final Map<Integer, List<Money>> taxes = new LinkedHashMap<>();

  /** A tax as it is shown; those of one name and percentage are summed. */
  private record Rate(String name, BigDecimal percent) {}

  /** One tax of one line. */
  private record Cell(InvoiceLine line, int place, BigDecimal exact, Money floor) {
    BigDecimal remainder() {
      return exact.subtract(floor.getAmount());
    }
  }

  private TaxRounding(List<InvoiceLine> lines, boolean inclusive) {
    this.lines = lines;
    this.inclusive = inclusive;
    this.currency = lines.getFirst().amount().getCurrencyUnit();
  }

  /**
   * The lines with their taxes rounded once.
   *
   * @param lines of one document, at least one, each with the taxes of its own
   * @param open the positions of those that may be rounded together with others
   * @param inclusive whether the prices contain the tax
   */
  static List<InvoiceLine> once(List<InvoiceLine> lines, Set<Integer> open, boolean inclusive) {
    return new TaxRounding(lines, inclusive).rounded(open);
  }

  private List<InvoiceLine> rounded(Set<Integer> open) {
    List<InvoiceLine> credits =
        lines.stream().filter(line -> line.charge() instanceof Charge.ProrationCredit).toList();
    Map<Rate, List<Cell>> byRate = new LinkedHashMap<>();
    for (InvoiceLine line : lines) {
      if (open.contains(line.position()) && !isCredited(line, credits)) {
        taxes.put(line.position(), new ArrayList<>());
        cells(line).forEach((rate, cell) -> add(byRate, rate, cell));
      }
    }
    byRate.values().forEach(this::spread);
    return lines.stream().map(this::taxed).toList();
  }

  /** Whether it is a credit, or a fee that one of them gives back a part of. */
  private static boolean isCredited(InvoiceLine line, List<InvoiceLine> credits) {
    Period of = line.period();
    return !(line.charge() instanceof Charge.Usage)
        && of != null
        && credits.stream()
            .anyMatch(
                credit ->
                    Objects.equals(credit.source(), line.source())
                        && credit.period() != null
                        && credit.period().start().isBefore(of.end())
                        && of.start().isBefore(credit.period().end()));
  }

  private void add(Map<Rate, List<Cell>> byRate, Rate rate, Cell cell) {
    byRate.computeIfAbsent(rate, of -> new ArrayList<>()).add(cell);
    taxesOf(cell.line()).add(cell.floor());
  }

  private Map<Rate, Cell> cells(InvoiceLine line) {
    BigDecimal hundred = BigDecimal.valueOf(100);
    BigDecimal whole = hundred;
    for (InvoiceLine.TaxAmount tax : line.taxes()) {
      whole = inclusive ? whole.add(tax.percent()) : whole;
    }
    BigDecimal of = base(line).getAmount();
    Map<Rate, Cell> cells = new LinkedHashMap<>();
    for (int i = 0; i < line.taxes().size(); i++) {
      InvoiceLine.TaxAmount tax = line.taxes().get(i);
      BigDecimal exact =
          of.multiply(tax.percent())
              .divide(whole, currency.getDecimalPlaces() + GUARD, RoundingMode.HALF_EVEN);
      Money floor = Money.of(currency, exact, RoundingMode.FLOOR);
      cells.put(
          new Rate(tax.name(), tax.percent().stripTrailingZeros()),
          new Cell(line, i, exact, floor));
    }
    return cells;
  }

  /** What the line is taxed on: after its discounts, with the tax where prices contain it. */
  private Money base(InvoiceLine line) {
    Money net = line.amount();
    for (InvoiceLine other : lines) {
      Integer of = other.of();
      net = of != null && of == line.position() ? net.plus(other.amount()) : net;
    }
    return inclusive ? net.plus(line.tax()) : net;
  }

  /**
   * Rounds the sum of one rate's taxes, and raises the largest remainders until they come to it.
   */
  private void spread(List<Cell> cells) {
    BigDecimal exact = BigDecimal.ZERO;
    Money floors = Money.zero(currency);
    for (Cell cell : cells) {
      exact = exact.add(cell.exact());
      floors = floors.plus(cell.floor());
    }
    BigDecimal guarded =
        exact.setScale(currency.getDecimalPlaces() + GUARD / 2, RoundingMode.HALF_EVEN);
    Money sum =
        Money.of(currency, guarded, inclusive ? RoundingMode.HALF_DOWN : RoundingMode.HALF_UP);
    int more = Math.toIntExact(sum.minus(floors).getAmountMinorLong());
    cells.stream()
        .sorted(
            Comparator.comparing((Cell cell) -> !hasRoom(cell.line()))
                .thenComparing(Cell::remainder, Comparator.reverseOrder()))
        .limit(more)
        .forEach(cell -> taxesOf(cell.line()).set(cell.place(), raised(cell.floor())));
  }

  /** Whether one unit more of tax leaves a price that contains it a net that is not below zero. */
  private boolean hasRoom(InvoiceLine line) {
    if (!inclusive || !base(line).isPositive()) {
      return true;
    }
    Money left = base(line);
    for (Money tax : taxesOf(line)) {
      left = left.minus(tax);
    }
    return left.isPositive();
  }

  private Money raised(Money floor) {
    return floor.plus(Money.ofMinor(currency, 1));
  }

  private List<Money> taxesOf(InvoiceLine line) {
    return taxes.getOrDefault(line.position(), List.of());
  }

  private InvoiceLine taxed(InvoiceLine line) {
    List<Money> amounts = taxesOf(line);
    if (amounts.isEmpty()) {
      return line;
    }
    List<InvoiceLine.TaxAmount> rounded = new ArrayList<>();
    Money more = line.tax().negated();
    for (int i = 0; i < amounts.size(); i++) {
      InvoiceLine.TaxAmount tax = line.taxes().get(i);
      rounded.add(new InvoiceLine.TaxAmount(tax.name(), tax.percent(), amounts.get(i)));
      more = more.plus(amounts.get(i));
    }
    return line.taxed(inclusive ? line.amount().minus(more) : line.amount(), rounded);
  }
}
