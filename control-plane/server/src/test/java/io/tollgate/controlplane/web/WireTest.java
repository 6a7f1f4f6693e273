package io.tollgate.controlplane.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Entitlements;
import io.tollgate.contract.QuotaBlock;
import io.tollgate.contract.QuotaBlockRequest;
import io.tollgate.contract.UsageTotals;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WireTest {
  record Bill(Money total, CurrencyUnit currency, @Nullable String note) {
    boolean isPaid() {
      return true;
    }
  }

  @Test
  void record_isWrittenByItsComponents() {
    Bill bill = new Bill(Money.parse("INR 9999.00"), CurrencyUnit.of("INR"), null);
    String json = Wire.write(bill);
    assertThat(json)
        .isEqualTo(
            "{\"total\":{\"amount\":\"9999.00\",\"currency\":\"INR\"},\"currency\":\"INR\"}");
    assertThat(Wire.read(json, Bill.class)).isEqualTo(bill);
  }

  @ParameterizedTest
  @ValueSource(
      classes = {Entitlements.class, UsageTotals.class, QuotaBlockRequest.class, QuotaBlock.class})
  void golden_readWrittenRead_isTheSame(Class<?> type) throws IOException {
    try (InputStream file =
        Objects.requireNonNull(
            Entitlements.class.getResourceAsStream("golden/" + type.getSimpleName() + ".json"))) {
      String golden = new String(file.readAllBytes(), StandardCharsets.UTF_8);
      Object read = Wire.read(golden, type);
      assertThat((Object) Wire.read(Wire.write(read), type)).isEqualTo(read);
      assertThat(Wire.tree(Wire.write(read)).size()).isGreaterThan(2);
    }
  }
}
