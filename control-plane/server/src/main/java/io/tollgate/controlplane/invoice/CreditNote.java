package io.tollgate.controlplane.invoice;

import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * Takes back a part of a final invoice, line by line and tax by tax. Pure.
 *
 * <p>Every line's net and every tax is a cell. A part of the invoice as a whole scales the running
 * totals of what earlier notes have left of the cells; their differences are the note's cells. So
 * each note's lines come to its amount exactly, and when all has been taken back, in however many
 * notes, each line and tax has been taken back to the cent (lago-api#2643: 334.99 against 335.00).
 * A part of one line takes back its taxes and its discounts in the same proportion, and never more
 * than is left of it.
 */
public final class CreditNote {
  private final InvoiceDetails invoice;
  private final CurrencyUnit currency;
  private final Map<Integer, Money> nets = new HashMap<>();
  private final Map<Integer, List<Money>> taxes = new HashMap<>();
  private final Map<Integer, BigDecimal> units = new HashMap<>();

  /**
   * What of one line is taken back: an amount or a quantity.
   *
   * @param line its position; not a discount's, which goes with the line it lowers
   * @param amount before tax and after discounts, over zero; null where a quantity is given
   * @param quantity over zero; null where an amount is given
   */
  public record Part(int line, @Nullable Money amount, @Nullable BigDecimal quantity) {}

  /**
   * Why and when something is taken back.
   *
   * @param reason printed on the note's lines
   * @param at by the tenant's clock
   * @param refund whether what was paid in money is to be given back, and so stays on the balance
   *     while other invoices are open
   */
  public record Occasion(String reason, Instant at, boolean refund) {
    /** To pay what is open, or will be. */
    public Occasion(String reason, Instant at) {
      this(reason, at, false);
    }
  }

  /**
   * Notes on a final invoice, as it was issued.
   *
   * @param taken the lines of earlier notes on it
   */
  public CreditNote(InvoiceDetails invoice, List<InvoiceLine> taken) {
    this.invoice = invoice;
    this.currency = invoice.invoice().currency();
    for (InvoiceLine line : invoice.lines()) {
      nets.put(line.position(), line.amount());
      taxes.put(
          line.position(),
          new ArrayList<>(line.taxes().stream().map(InvoiceLine.TaxAmount::amount).toList()));
    }
    taken.forEach(this::take);
  }

  private void take(InvoiceLine note) {
    nets.merge(note.position(), note.amount(), Money::plus);
    List<Money> left = taxes.getOrDefault(note.position(), List.of());
    for (int i = 0; i < Math.min(left.size(), note.taxes().size()); i++) {
      left.set(i, left.get(i).plus(note.taxes().get(i).amount()));
    }
    if (!note.unitPrice().isEmpty()) {
      units.merge(note.position(), note.quantity(), BigDecimal::add);
    }
  }

  /** What is left of the whole, with tax. */
  public Money left() {
    Money left = Money.zero(currency);
    for (InvoiceLine line : invoice.lines()) {
      left = left.plus(leftOf(line));
    }
    return left;
  }

  /** What is left of a line and the discounts that lower it, with tax. */
  Money leftOf(int position) {
    Money left = Money.zero(currency);
    for (InvoiceLine line : invoice.lines()) {
      left = isOf(line, position) ? left.plus(leftOf(line)) : left;
    }
    return left;
  }

  /** What is left of a line and the discounts that lower it, before tax. */
  Money netOf(int position) {
    Money left = Money.zero(currency);
    for (InvoiceLine line : invoice.lines()) {
      Money net = nets.getOrDefault(line.position(), left);
      left = isOf(line, position) ? left.plus(net) : left;
    }
    return left;
  }

  /** What some lines of a note come to for a line and its discounts, with tax. */
  Money grossOf(int position, List<InvoiceLine> note) {
    Money gross = Money.zero(currency);
    for (InvoiceLine line : invoice.lines()) {
      for (InvoiceLine taken : note) {
        boolean counts = isOf(line, position) && taken.position() == line.position();
        gross = counts ? gross.plus(taken.amount()).plus(taken.tax()) : gross;
      }
    }
    return gross;
  }

  /** The item or purchase a line charged; null where it has none. */
  @Nullable String sourceOf(int position) {
    return invoice.lines().stream()
        .filter(line -> line.position() == position)
        .findFirst()
        .map(InvoiceLine::source)
        .orElse(null);
  }

  private static boolean isOf(InvoiceLine line, int position) {
    Integer of = line.of();
    return line.position() == position || (of != null && of == position);
  }

  private Money leftOf(InvoiceLine line) {
    Money left = nets.getOrDefault(line.position(), Money.zero(currency));
    for (Money tax : taxes.getOrDefault(line.position(), List.of())) {
      left = left.plus(tax);
    }
    return left;
  }

  /**
   * The lines, negative, of a note on the invoice as a whole.
   *
   * @param amount with tax, over zero and at most what is left
   * @param reason printed on each line
   */
  public List<InvoiceLine> lines(Money amount, String reason) {
    Money left = left();
    if (!amount.isPositive() || amount.isGreaterThan(left)) {
      throw new IllegalArgumentException(
          "amount: over zero and at most " + left + ", not " + amount);
    }
    Spread spread = new Spread(amount, left);
    List<InvoiceLine> lines = new ArrayList<>();
    for (InvoiceLine line : invoice.lines()) {
      Money net = spread.next(nets.getOrDefault(line.position(), Money.zero(currency)));
      List<Money> parts = new ArrayList<>();
      for (Money tax : taxes.getOrDefault(line.position(), List.of())) {
        parts.add(spread.next(tax));
      }
      lines.add(line(line, net, parts, reason));
    }
    return lines;
  }

  /**
   * The lines, negative, of a note on some of the invoice's lines.
   *
   * @param parts at least one, no two of one line
   * @param reason printed on each line
   * @throws IllegalArgumentException naming the part for a line that is not there, or for more than
   *     is left of it
   */
  public List<InvoiceLine> lines(List<Part> parts, String reason) {
    List<InvoiceLine> lines = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      String place = "lines[" + i + "].";
      Part part = parts.get(i);
      InvoiceLine of =
          invoice.lines().stream()
              .filter(line -> line.position() == part.line() && line.of() == null)
              .findFirst()
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          place
                              + "line: there is no line "
                              + part.line()
                              + " to credit; a discount goes with the line it lowers"));
      if (parts.subList(0, i).stream().anyMatch(other -> other.line() == part.line())) {
        throw new IllegalArgumentException(place + "line: is named twice");
      }
      lines.addAll(new OfLine(of, place).taken(part, reason));
    }
    return lines;
  }

  /** One line with the discounts that lower it. */
  private final class OfLine {
    private final InvoiceLine line;
    private final String place;
    private final List<InvoiceLine> group = new ArrayList<>();
    private Money left = Money.zero(currency);
    private Money tax = Money.zero(currency);

    OfLine(InvoiceLine line, String place) {
      this.line = line;
      this.place = place;
      for (InvoiceLine one : invoice.lines()) {
        if (isOf(one, line.position())) {
          group.add(one);
          left = left.plus(nets.getOrDefault(one.position(), Money.zero(currency)));
        }
      }
      for (Money each : taxes.getOrDefault(line.position(), List.of())) {
        tax = tax.plus(each);
      }
    }

    List<InvoiceLine> taken(Part part, String reason) {
      if (!left.isPositive()) {
        throw new IllegalArgumentException(place + "line: nothing is left of it");
      }
      Money amount = part.amount();
      BigDecimal quantity = part.quantity();
      return amount != null
          ? ofAmount(amount, reason)
          : ofQuantity(quantity == null ? BigDecimal.ZERO : quantity, reason);
    }

    private List<InvoiceLine> ofAmount(Money amount, String reason) {
      if (!amount.isPositive() || amount.isGreaterThan(left)) {
        throw new IllegalArgumentException(
            place + "amount: over zero and at most " + left + " before tax, not " + amount);
      }
      return notes(amount, Spread.share(tax, amount.getAmount(), left.getAmount()), reason, null);
    }

    private List<InvoiceLine> ofQuantity(BigDecimal quantity, String reason) {
      BigDecimal before = units.getOrDefault(line.position(), BigDecimal.ZERO);
      BigDecimal open = line.quantity().subtract(before);
      if (quantity.signum() <= 0 || quantity.compareTo(open) > 0) {
        throw new IllegalArgumentException(
            place + "quantity: over zero and at most " + plain(open) + ", not " + plain(quantity));
      }
      if (quantity.compareTo(open) == 0) {
        return notes(left, tax, reason, quantity);
      }
      Money whole = Money.zero(currency);
      for (InvoiceLine one : group) {
        whole = whole.plus(one.amount());
      }
      Money net = between(whole, before, quantity);
      if (net.isGreaterThan(left)) {
        throw new IllegalArgumentException(
            place + "quantity: they come to " + net + ", and " + left + " is left of the line");
      }
      // Prices with the tax in them: the part's price with tax is what it is a share of.
      Money taxed =
          invoice.print().inclusive()
              ? between(whole.plus(line.tax()), before, quantity).minus(net)
              : between(line.tax(), before, quantity);
      return notes(net, taxed.isGreaterThan(tax) ? tax : taxed, reason, quantity);
    }

    /** The share of some units, so that those of all units come to the whole. */
    private Money between(Money whole, BigDecimal before, BigDecimal quantity) {
      return Spread.share(whole, before.add(quantity), line.quantity())
          .minus(Spread.share(whole, before, line.quantity()));
    }

    private List<InvoiceLine> notes(
        Money net, Money taxed, String reason, @Nullable BigDecimal quantity) {
      Spread spread = new Spread(net, left);
      List<InvoiceLine> notes = new ArrayList<>();
      for (InvoiceLine one : group) {
        Money part = spread.next(nets.getOrDefault(one.position(), Money.zero(currency)));
        List<Money> parts = new ArrayList<>();
        Spread shares = new Spread(taxed, tax);
        for (Money each : taxes.getOrDefault(one.position(), List.of())) {
          parts.add(shares.next(each));
        }
        InvoiceLine note = line(one, part, parts, reason);
        notes.add(quantity == null || one.of() != null ? note : counted(note, quantity));
      }
      return notes;
    }

    private InvoiceLine counted(InvoiceLine note, BigDecimal quantity) {
      String price = line.unitPrice().isEmpty() ? plain(average()) : line.unitPrice();
      return new InvoiceLine(
          note.position(),
          note.charge(),
          note.subscription(),
          null,
          note.description(),
          note.detail(),
          note.period(),
          quantity,
          price,
          note.amount(),
          note.taxes(),
          null,
          null,
          null);
    }

    /** The price of one where the line has no single one, in the catalog's terms of tax. */
    private BigDecimal average() {
      Money net = Money.zero(currency);
      for (InvoiceLine one : group) {
        net = net.plus(one.amount());
      }
      BigDecimal price = line.amount().getAmount();
      if (invoice.print().inclusive() && net.isPositive()) {
        // The tax is that of the line after its discounts.
        BigDecimal gross = net.plus(line.tax()).getAmount();
        price = price.multiply(gross).divide(net.getAmount(), MathContext.DECIMAL128);
      }
      return price.divide(line.quantity(), MathContext.DECIMAL32);
    }
  }

  private static String plain(BigDecimal number) {
    BigDecimal stripped = number.stripTrailingZeros();
    return (stripped.scale() < 0 ? stripped.setScale(0) : stripped).toPlainString();
  }

  private static InvoiceLine line(InvoiceLine of, Money net, List<Money> taxes, String reason) {
    List<InvoiceLine.TaxAmount> back = new ArrayList<>();
    for (int i = 0; i < taxes.size(); i++) {
      InvoiceLine.TaxAmount tax = of.taxes().get(i);
      back.add(new InvoiceLine.TaxAmount(tax.name(), tax.percent(), taxes.get(i).negated()));
    }
    return new InvoiceLine(
        of.position(),
        new Charge.Credit(of.charge().item()),
        of.subscription(),
        null,
        of.description(),
        reason,
        of.period(),
        BigDecimal.ONE,
        "",
        net.negated(),
        back,
        null,
        null,
        null);
  }

  /** The note's head, a draft. */
  static Invoice head(Invoice of, String id, List<InvoiceLine> lines, Instant at, LocalDate day) {
    Money subtotal = Money.zero(of.currency());
    Money tax = subtotal;
    for (InvoiceLine line : lines) {
      subtotal = subtotal.plus(line.amount());
      tax = tax.plus(line.tax());
    }
    Money nothing = Money.zero(of.currency());
    return new Invoice(
        id,
        of.tenant(),
        DocumentKind.CREDIT_NOTE,
        InvoiceStatus.DRAFT,
        null,
        of.subscriptions(),
        of.period(),
        at,
        day,
        at,
        day,
        new Invoice.Totals(subtotal, tax, subtotal.plus(tax)),
        Invoice.Settled.nothing(nothing.getCurrencyUnit()),
        of.id());
  }
}
