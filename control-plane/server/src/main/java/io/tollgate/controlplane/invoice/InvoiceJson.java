package io.tollgate.controlplane.invoice;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/** The parts of an invoice that are stored as JSON. Amounts are decimal strings. */
public final class InvoiceJson {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final TypeReference<List<Tax>> TAXES = new TypeReference<>() {};

  private record Tax(String name, String percent, String amount) {}

  private record Printed(
      Party seller,
      Party billedTo,
      String locale,
      String zone,
      String serviceCode,
      List<String> notes,
      boolean inclusive) {}

  private InvoiceJson() {}

  static @Nullable String taxes(List<InvoiceLine.TaxAmount> taxes) {
    if (taxes.isEmpty()) {
      return null;
    }
    return text(
        taxes.stream()
            .map(
                tax ->
                    new Tax(
                        tax.name(),
                        tax.percent().toPlainString(),
                        tax.amount().getAmount().toPlainString()))
            .toList());
  }

  static List<InvoiceLine.TaxAmount> taxes(@Nullable String json, CurrencyUnit currency) {
    if (json == null) {
      return List.of();
    }
    try {
      return MAPPER.readValue(json, TAXES).stream()
          .map(
              tax ->
                  new InvoiceLine.TaxAmount(
                      tax.name(),
                      new BigDecimal(tax.percent()),
                      Money.of(currency, new BigDecimal(tax.amount()))))
          .toList();
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Of lists of taxes in lists, as an aggregate has them, each tax; nulls are none. */
  public static List<InvoiceLine.TaxAmount> allTaxes(@Nullable String json, CurrencyUnit currency) {
    if (json == null) {
      return List.of();
    }
    try {
      List<InvoiceLine.TaxAmount> all = new ArrayList<>();
      collect(MAPPER.readTree(json), currency, all);
      return all;
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void collect(
      JsonNode node, CurrencyUnit currency, List<InvoiceLine.TaxAmount> all) {
    if (node.isObject()) {
      all.add(
          new InvoiceLine.TaxAmount(
              node.path("name").asText(),
              new BigDecimal(node.path("percent").asText()),
              Money.of(currency, new BigDecimal(node.path("amount").asText()))));
    } else {
      node.forEach(inner -> collect(inner, currency, all));
    }
  }

  static String print(InvoiceDetails details) {
    InvoiceDetails.Print print = details.print();
    return text(
        new Printed(
            details.seller(),
            details.billedTo(),
            print.locale().toLanguageTag(),
            print.zone().getId(),
            print.serviceCode(),
            print.notes(),
            print.inclusive()));
  }

  static InvoiceDetails details(Invoice invoice, List<InvoiceLine> lines, String print) {
    try {
      Printed printed = MAPPER.readValue(print, Printed.class);
      return new InvoiceDetails(
          invoice,
          lines,
          printed.seller(),
          printed.billedTo(),
          new InvoiceDetails.Print(
              Locale.forLanguageTag(printed.locale()),
              ZoneId.of(printed.zone()),
              printed.serviceCode(),
              printed.notes(),
              printed.inclusive()));
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
