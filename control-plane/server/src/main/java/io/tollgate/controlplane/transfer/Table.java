package io.tollgate.controlplane.transfer;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What can be moved. */
enum Table {
  TENANTS,
  SUBSCRIPTIONS,
  USAGE,
  /** What a tenant has: money on balances, wallets, and charges that wait for an invoice. */
  ACCOUNTS,
  INVOICES,
  INVOICE_LINES;

  List<Column> columns() {
    return Columns.of(this);
  }

  Optional<Column> column(String name) {
    return columns().stream().filter(column -> column.name().equals(name)).findFirst();
  }

  /** As it is written in paths: {@code invoice-lines}. */
  String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static Optional<Table> of(String word) {
    for (Table table : values()) {
      if (table.word().equals(word)) {
        return Optional.of(table);
      }
    }
    return Optional.empty();
  }
}
