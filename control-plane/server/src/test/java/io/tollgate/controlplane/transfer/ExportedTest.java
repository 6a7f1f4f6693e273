package io.tollgate.controlplane.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ExportedTest {
  @Test
  void rows_ofJson_areWhatAnImportTakes() {
    String text =
        "[{\"delta\":150,\"billing\":{\"reverseCharge\":false},\"balances\":[\"EUR:1\"]}]";
    assertThat(Exported.rows(false, text)).hasToString(text);
  }

  @Test
  void rows_ofCsv_areTextsBelowTheirColumns() {
    assertThat(Exported.rows(true, "id,billing.city,note\r\nt,Berlin,\r\n"))
        .hasToString("[{\"id\":\"t\",\"billing\":{\"city\":\"Berlin\"}}]");
  }
}
