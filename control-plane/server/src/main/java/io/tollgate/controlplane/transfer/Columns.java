package io.tollgate.controlplane.transfer;

import java.util.List;

/** The columns of each table, in order. */
final class Columns {
  private static final List<Column> TENANTS =
      List.of(
          Column.text("id"),
          Column.text("name"),
          Column.text("zone"),
          Column.text("currency"),
          Column.text("testClock"),
          Column.text("billing.name"),
          Column.of("billing.address", Column.Type.LINES),
          Column.text("billing.country"),
          Column.text("billing.region"),
          Column.text("billing.city"),
          Column.text("billing.postalCode"),
          Column.text("billing.gstin"),
          Column.text("billing.pan"),
          Column.text("billing.taxId"),
          Column.text("billing.taxExemption"),
          Column.of("billing.reverseCharge", Column.Type.BOOL),
          Column.text("billing.email"),
          Column.text("billing.language"),
          Column.shown("createdAt", Column.Type.INSTANT),
          Column.shown("archivedAt", Column.Type.INSTANT));

  private static final List<Column> SUBSCRIPTIONS =
      List.of(
          Column.shown("id", Column.Type.TEXT),
          Column.text("tenant"),
          Column.text("catalog"),
          Column.text("plan"),
          Column.of("quantity", Column.Type.WHOLE),
          Column.text("currency"),
          Column.text("cycle"),
          Column.of("startsAt", Column.Type.INSTANT),
          Column.of("anchor", Column.Type.INSTANT),
          Column.of("trialDays", Column.Type.WHOLE),
          Column.of("expireAfterTrial", Column.Type.BOOL),
          Column.of("price", Column.Type.DECIMAL),
          Column.of("addOns", Column.Type.QUANTITIES),
          Column.of("coupons", Column.Type.CODES),
          Column.shown("state", Column.Type.TEXT),
          Column.shown("version", Column.Type.WHOLE),
          Column.shown("periodStart", Column.Type.INSTANT),
          Column.shown("periodEnd", Column.Type.INSTANT),
          Column.of("asItStands", Column.Type.JSON));

  private static final List<Column> USAGE =
      List.of(
          Column.text("tenant"),
          Column.text("meter"),
          Column.of("delta", Column.Type.WHOLE),
          Column.text("id"),
          Column.of("at", Column.Type.INSTANT),
          Column.of("transaction", Column.Type.BOOL));

  private static final List<Column> ACCOUNTS =
      List.of(
          Column.text("tenant"),
          Column.of("balances", Column.Type.JSON),
          Column.of("wallets", Column.Type.JSON),
          Column.of("charges", Column.Type.JSON));

  private static final List<Column> INVOICES =
      List.of(
          Column.shown("id", Column.Type.TEXT),
          Column.text("number"),
          Column.text("tenant"),
          Column.text("kind"),
          Column.text("status"),
          Column.text("issuedOn"),
          Column.text("dueOn"),
          Column.of("periodStart", Column.Type.INSTANT),
          Column.of("periodEnd", Column.Type.INSTANT),
          Column.text("currency"),
          Column.of("subtotal", Column.Type.DECIMAL),
          Column.of("tax", Column.Type.DECIMAL),
          Column.of("total", Column.Type.DECIMAL),
          Column.of("paid", Column.Type.DECIMAL),
          Column.of("credited", Column.Type.DECIMAL),
          Column.text("corrects"));

  private static final List<Column> INVOICE_LINES =
      List.of(
          Column.shown("invoice", Column.Type.TEXT),
          Column.shown("position", Column.Type.WHOLE),
          Column.shown("tenant", Column.Type.TEXT),
          Column.shown("subscription", Column.Type.TEXT),
          Column.shown("kind", Column.Type.TEXT),
          Column.shown("item", Column.Type.TEXT),
          Column.shown("meter", Column.Type.TEXT),
          Column.shown("description", Column.Type.TEXT),
          Column.shown("periodStart", Column.Type.INSTANT),
          Column.shown("periodEnd", Column.Type.INSTANT),
          Column.shown("quantity", Column.Type.DECIMAL),
          Column.shown("unitPrice", Column.Type.TEXT),
          Column.shown("amount", Column.Type.DECIMAL),
          Column.shown("tax", Column.Type.DECIMAL));

  private Columns() {}

  static List<Column> of(Table table) {
    return switch (table) {
      case TENANTS -> TENANTS;
      case SUBSCRIPTIONS -> SUBSCRIPTIONS;
      case USAGE -> USAGE;
      case ACCOUNTS -> ACCOUNTS;
      case INVOICES -> INVOICES;
      case INVOICE_LINES -> INVOICE_LINES;
    };
  }
}
