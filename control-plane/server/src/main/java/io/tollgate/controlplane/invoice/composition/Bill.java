package io.tollgate.controlplane.invoice.composition;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.catalog.Charge;
import io.tollgate.controlplane.rating.ChangeFees;
import io.tollgate.controlplane.rating.ChangeFees.Charged;
import io.tollgate.controlplane.rating.Fees;
import io.tollgate.controlplane.rating.PricedLine;
import io.tollgate.controlplane.subscription.SubscriptionItem;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/** One thing an invoice bills, with all that is needed to price it. Pure. */
public sealed interface Bill {
  /** What the claims of closing invoices begin with. */
  String CLOSING = "CLOSING:";

  /** Its lines, rounded, before discounts and tax. */
  List<PricedLine> lines();

  /** What makes it billable once only; its first instant and a word. */
  String claim();

  /** The first instant of what is billed. */
  Instant start();

  /**
   * The fees of a period, in advance.
   *
   * @param first whether the subscription begins with it, so that a setup fee is due
   * @param again the revision with which the subscription begins once more, which names the bill:
   *     it may do so at the very instant at which a period began that was billed; null where it
   *     goes on or begins
   */
  record Advance(Fees fees, Period period, boolean first, @Nullable Long again) implements Bill {
    /** The fees of a period of a subscription that goes on or begins. */
    public Advance(Fees fees, Period period, boolean first) {
      this(fees, period, first, null);
    }

    @Override
    public List<PricedLine> lines() {
      List<PricedLine> lines = new ArrayList<>(fees.inAdvance(period));
      if (first) {
        fees.setup(period).ifPresent(lines::add);
      }
      return lines;
    }

    @Override
    public String claim() {
      return again == null ? "ADVANCE" : "ADVANCE:" + again;
    }

    @Override
    public Instant start() {
      return period.start();
    }
  }

  /**
   * The fees of a period that has ended, or of what ended inside it, where they are billed in
   * arrears.
   *
   * @param dues what was held in it, each with its catalog version
   * @param change the revision of the change that ended them, which names the bill; null where the
   *     period ended
   */
  record Afterwards(List<Due> dues, Period period, @Nullable Long change) implements Bill {
    /** An item under its catalog version. */
    public record Due(Fees fees, SubscriptionItem item) {}

    public Afterwards {
      dues = List.copyOf(dues);
    }

    @Override
    public List<PricedLine> lines() {
      return dues.stream()
          .flatMap(due -> due.fees().inArrears(due.item(), period).stream())
          .toList();
    }

    @Override
    public String claim() {
      return change == null ? "FEES" : "FEES:" + change;
    }

    @Override
    public Instant start() {
      return period.start();
    }
  }

  /**
   * The usage of a period that has ended, or of the part of one that a plan was in force for.
   *
   * @param units per meter, over the period
   * @param prepaid how many of them are paid for already, per meter
   * @param transactions each one's units in their order, per meter that keeps them
   * @param baseFee what of base fees counts towards the plan's minimum; null where none is due
   */
  record Arrears(
      Fees fees,
      Period period,
      Map<String, BigDecimal> units,
      Map<String, BigDecimal> prepaid,
      Map<String, List<BigDecimal>> transactions,
      @Nullable Money baseFee)
      implements Bill {
    public Arrears {
      units = Map.copyOf(units);
      prepaid = Map.copyOf(prepaid);
      transactions = Map.copyOf(transactions);
    }

    /** The usage of a period in which nothing changed and of which nothing was prepaid. */
    public Arrears(Fees fees, Period period, Map<String, BigDecimal> units) {
      this(fees, period, units, Map.of(), Map.of(), fees.baseFee(period));
    }

    @Override
    public List<PricedLine> lines() {
      return fees.inArrears(new Fees.Used(period, units, prepaid, transactions, baseFee));
    }

    @Override
    public String claim() {
      return "ARREARS";
    }

    @Override
    public Instant start() {
      return period.start();
    }

    /** The meter the plan's charge sums. */
    @Nullable String meterOf(String charge) {
      return fees.charges(period).stream()
          .filter(c -> c.key().equals(charge))
          .findFirst()
          .map(Charge::meter)
          .orElse(null);
    }
  }

  /**
   * Usage of a last period that was told after it was billed: what the whole period comes to, less
   * what it came to without.
   *
   * @param before the period as it was billed
   * @param after the same with what was told since
   * @param at when it is billed
   */
  record Closing(Arrears before, Arrears after, Instant at) implements Bill {
    @Override
    public List<PricedLine> lines() {
      List<PricedLine> billed = before.lines();
      List<PricedLine> whole = after.lines();
      List<PricedLine> lines = new ArrayList<>();
      whole.forEach(line -> line.less(alike(billed, line)).ifPresent(lines::add));
      billed.stream()
          .filter(line -> alike(whole, line) == null)
          .forEach(line -> lines.add(line.takenBack()));
      lines.replaceAll(
          line -> line.kind() == PricedLine.Kind.USAGE ? line.of(line.item() + "@" + at) : line);
      return lines;
    }

    /** When a line of usage was billed by a closing; null where it was with its period. */
    public static @Nullable Instant at(@Nullable String source) {
      int at = source == null ? -1 : source.indexOf('@');
      return source == null || at < 0 ? null : Instant.parse(source.substring(at + 1));
    }

    private static @Nullable PricedLine alike(List<PricedLine> lines, PricedLine line) {
      return lines.stream()
          .filter(other -> other.kind() == line.kind() && other.key().equals(line.key()))
          .findFirst()
          .orElse(null);
    }

    @Override
    public String claim() {
      return CLOSING + at;
    }

    @Override
    public Instant start() {
      return after.period().start();
    }
  }

  /**
   * A change inside a period: credit for what ends, charge for what begins.
   *
   * @param revision the subscription's revision the change made, which names it
   * @param charged by item, what was charged and not yet credited
   */
  record Change(ChangeFees fees, long revision, Map<String, Charged> charged) implements Bill {
    public Change {
      charged = Map.copyOf(charged);
    }

    @Override
    public List<PricedLine> lines() {
      return fees.lines(charged::get);
    }

    @Override
    public String claim() {
      return "CHANGE:" + revision;
    }

    @Override
    public Instant start() {
      return fees.at();
    }
  }

  /**
   * Something charged once.
   *
   * @param line priced
   */
  record Once(PricedLine line) implements Bill {
    @Override
    public List<PricedLine> lines() {
      return List.of(line);
    }

    @Override
    public String claim() {
      return "ONCE:" + line.item();
    }

    @Override
    public Instant start() {
      return line.period().start();
    }
  }
}
