package io.tollgate.controlplane.invoice.composition;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.controlplane.catalog.Cycle;
import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlanTextTest {
  @ParameterizedTest
  @CsvSource({
    "daily, Daily, Täglich",
    "weekly, Weekly, Wöchentlich",
    "monthly, Monthly, Monatlich",
    "quarterly, Quarterly, Vierteljährlich",
    "half-yearly, Half-yearly, Halbjährlich",
    "yearly, Yearly, Jährlich",
    "45-days, Every 45 days, Alle 45 Tage",
    "2-weeks, Every 2 weeks, Alle 2 Wochen",
    "2-months, Every 2 months, Alle 2 Monate",
    "3-years, Every 3 years, Alle 3 Jahre",
  })
  void word_ofEveryCycleThatCatalogsKnow(String cycle, String english, String german) {
    Cycle read = Cycle.parse(cycle).orElseThrow();
    assertThat(PlanText.word(read, Locale.forLanguageTag("en-IN"))).isEqualTo(english);
    assertThat(PlanText.word(read, Locale.GERMANY)).isEqualTo(german);
    assertThat(PlanText.word(read, Locale.JAPAN)).as("not one of ours").isEqualTo(english);
  }
}
