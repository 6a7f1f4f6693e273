package io.tollgate.proxy.entitlement;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tollgate.contract.Entitlements;
import io.tollgate.contract.EntitlementsChange;
import io.tollgate.contract.QuotaAlertReceipt;
import io.tollgate.contract.QuotaAlerts;
import io.tollgate.contract.QuotaBlock;
import io.tollgate.contract.QuotaBlockRequest;
import io.tollgate.contract.UsageReceipt;
import io.tollgate.contract.UsageTotals;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** This program's codec against the wire's golden files. */
class WireTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @ParameterizedTest
  @ValueSource(
      classes = {
        Entitlements.class,
        EntitlementsChange.class,
        QuotaBlockRequest.class,
        QuotaBlock.class,
        QuotaAlerts.class,
        QuotaAlertReceipt.class,
        UsageTotals.class,
        UsageReceipt.class
      })
  void golden_readAndWritten_isUnchanged(Class<?> message) throws IOException {
    byte[] golden = golden(message);
    JsonNode written = JSON.readTree(Wire.write(Wire.read(golden, message)));
    assertThat((Object) written).isEqualTo(JSON.readTree(golden));
  }

  @Test
  void document_ofBeforeOriginsWereTold_isRead() throws IOException {
    JsonNode golden = JSON.readTree(golden(Entitlements.class));
    ((ObjectNode) golden).remove("origins");
    Entitlements old = Wire.read(JSON.writeValueAsBytes(golden), Entitlements.class);
    assertThat(old.origins()).isEmpty();
    assertThat(old.stepsOf("calls-per-hour")).isEmpty();
    assertThat(old.rates()).hasSize(1);
  }

  private static byte[] golden(Class<?> message) throws IOException {
    String name = "/io/tollgate/contract/golden/" + message.getSimpleName() + ".json";
    try (InputStream file = Objects.requireNonNull(message.getResourceAsStream(name))) {
      return file.readAllBytes();
    }
  }
}
