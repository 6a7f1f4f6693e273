package io.tollgate.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.vertx.core.http.impl.headers.HeadersMultiMap;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class PreparedFieldsTest {
  private static final List<String> NAMES = List.of("X-One", "X-Two");

  @Test
  void lines_areThoseTheMapWouldBeWrittenAs() {
    for (String value :
        List.of("", "plain", "with spaces; and \"signs\"", "caf\u00e9", "a\u4e2db")) {
      PreparedFields prepared = new PreparedFields(NAMES, List.of(value, "2"));
      HeadersMultiMap own = HeadersMultiMap.httpHeaders().add("Host", "h");
      String past = text(new HeadWriter().begin().add(own, prepared, null));
      prepared.into(own);
      assertThat(past).isEqualTo(text(new HeadWriter().begin().add(own)));
      assertThat(past).startsWith("Host: h\r\nX-One: ").endsWith("\r\nX-Two: 2\r\n\r\n");
    }
  }

  @Test
  void into_replacesWhatStandsThere() {
    HeadersMultiMap fields = HeadersMultiMap.httpHeaders().add("x-one", "forged");
    new PreparedFields(NAMES, List.of("1", "2")).into(fields);
    assertThat(fields.getAll("X-One")).containsExactly("1");
  }

  @Test
  void valueThatWouldBeAnotherLine_isRefused() {
    for (String value : List.of("a\r\nX-Three: 3", "a\nb", "a\0b")) {
      assertThatThrownBy(() -> new PreparedFields(NAMES, List.of("1", value)))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  private static String text(HeadWriter writer) {
    ByteBuf head = writer.into(UnpooledByteBufAllocator.DEFAULT, 0);
    try {
      return head.toString(StandardCharsets.ISO_8859_1);
    } finally {
      head.release();
    }
  }
}
