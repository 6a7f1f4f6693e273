package io.tollgate.proxy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** W3C Trace Context, section 3.2. */
class TraceTest {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String SPAN = "b7ad6b7169203331";

  @Test
  void parent_valid_isRead() {
    assertThat(Trace.parent("00-" + TRACE + "-" + SPAN + "-01"))
        .isEqualTo(new Trace.Parent(TRACE, SPAN, true));
    assertThat(Trace.parent("00-" + TRACE + "-" + SPAN + "-02"))
        .isEqualTo(new Trace.Parent(TRACE, SPAN, false));
    assertThat(Trace.parent("cc-" + TRACE + "-" + SPAN + "-01-what-the-future-holds"))
        .isEqualTo(new Trace.Parent(TRACE, SPAN, true));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
        "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01.x",
        "0g-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
      })
  void parent_invalid_isNone(String text) {
    assertThat(Trace.parent(text)).isNull();
  }
}
