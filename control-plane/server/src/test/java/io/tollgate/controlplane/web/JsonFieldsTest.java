package io.tollgate.controlplane.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonFieldsTest {
  @ParameterizedTest
  @ValueSource(strings = {"5", "-5", "0.50", "00.1"})
  void decimal_ofDigits_isTheirNumber(String text) {
    assertThat(fields(text).decimal("amount")).isEqualTo(new BigDecimal(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"+5", "5.", ".5", " 5", "1e1", "", "--5", "5,0", "0x1"})
  void decimal_writtenOtherwise_isRefusedByName(String text) {
    assertThatThrownBy(() -> fields(text).decimal("amount"))
        .isInstanceOf(Problem.class)
        .hasMessageContaining("amount");
  }

  private static JsonFields fields(String text) {
    ObjectNode node = Wire.mapper().createObjectNode();
    node.put("amount", text);
    return JsonFields.of(node);
  }
}
