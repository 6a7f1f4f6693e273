package io.tollgate.controlplane.entitlement;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tollgate.contract.Entitlements;
import io.tollgate.contract.EntitlementsChange;
import io.tollgate.contract.QuotaAlertReceipt;
import io.tollgate.contract.QuotaAlerts;
import io.tollgate.contract.QuotaBlock;
import io.tollgate.contract.QuotaBlockRequest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** This program's codec against the wire's golden files. */
class ContractJsonTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @ParameterizedTest
  @ValueSource(
      classes = {
        Entitlements.class,
        EntitlementsChange.class,
        QuotaBlockRequest.class,
        QuotaBlock.class,
        QuotaAlerts.class,
        QuotaAlertReceipt.class
      })
  void golden_readAndWritten_isUnchanged(Class<?> message) throws IOException {
    String golden = golden(message);
    JsonNode written = JSON.readTree(ContractJson.write(ContractJson.parse(golden, message)));
    assertThat((Object) written).isEqualTo(JSON.readTree(golden));
  }

  @Test
  void parse_unknownField_isSkipped() throws IOException {
    String golden = golden(QuotaBlock.class).replaceFirst("\\{", "{\"fromTheFuture\": [1],");
    assertThat(ContractJson.parse(golden, QuotaBlock.class).granted()).isEqualTo(500);
  }

  private static String golden(Class<?> message) throws IOException {
    String name = "/io/tollgate/contract/golden/" + message.getSimpleName() + ".json";
    try (InputStream file = Objects.requireNonNull(message.getResourceAsStream(name))) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
