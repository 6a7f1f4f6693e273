package io.tollgate.controlplane.invoice;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a line is for. Each names the thing charged, by its key in the catalog or in billing. */
public sealed interface Charge {
  /** The key of the thing charged. */
  String item();

  /** The plan's price for a period, in advance. */
  record BaseFee(String item) implements Charge {}

  /** The plan's fee when the subscription starts. */
  record SetupFee(String item) implements Charge {}

  /** A recurring add-on's price for a period, in advance. */
  record AddOn(String item) implements Charge {}

  /**
   * Units used in a period that has ended.
   *
   * @param item the plan's charge
   * @param meter whose units were summed
   */
  record Usage(String item, String meter) implements Charge {}

  /** What was charged for the rest of a period, given back after a change. */
  record ProrationCredit(String item) implements Charge {}

  /** The new price for the rest of a period, after a change. */
  record ProrationCharge(String item) implements Charge {}

  /** A charge made once: a one-off add-on, an export, a fee set by hand. */
  record OneOff(String item) implements Charge {}

  /** The reduction of another line by the coupon {@code item}. */
  record Discount(String item) implements Charge {}

  /** An amount given back by hand on a credit note; {@code item} says for which line's item. */
  record Credit(String item) implements Charge {}

  /** The meter of usage; null for every other kind. */
  default @Nullable String meterOrNull() {
    return this instanceof Usage usage ? usage.meter() : null;
  }

  /** The kind's name in the database and the API. */
  default String kind() {
    return switch (this) {
      case BaseFee c -> "BASE_FEE";
      case SetupFee c -> "SETUP_FEE";
      case AddOn c -> "ADD_ON";
      case Usage c -> "USAGE";
      case ProrationCredit c -> "PRORATION_CREDIT";
      case ProrationCharge c -> "PRORATION_CHARGE";
      case OneOff c -> "ONE_OFF";
      case Discount c -> "DISCOUNT";
      case Credit c -> "CREDIT";
    };
  }

  /**
   * The charge {@link #kind} and {@link #item} name.
   *
   * @param meter of usage; null for every other kind
   * @throws IllegalArgumentException for a kind that is none
   */
  static Charge of(String kind, String item, @Nullable String meter) {
    return switch (kind) {
      case "BASE_FEE" -> new BaseFee(item);
      case "SETUP_FEE" -> new SetupFee(item);
      case "ADD_ON" -> new AddOn(item);
      case "USAGE" -> new Usage(item, Objects.requireNonNull(meter, "meter"));
      case "PRORATION_CREDIT" -> new ProrationCredit(item);
      case "PRORATION_CHARGE" -> new ProrationCharge(item);
      case "ONE_OFF" -> new OneOff(item);
      case "DISCOUNT" -> new Discount(item);
      case "CREDIT" -> new Credit(item);
      default -> throw new IllegalArgumentException("no kind of charge: " + kind);
    };
  }
}
