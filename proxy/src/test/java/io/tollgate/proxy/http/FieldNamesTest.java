package io.tollgate.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class FieldNamesTest {
  private final FieldNames names = new FieldNames();

  private Object of(String name) {
    byte[] bytes = (": " + name + ":").getBytes(StandardCharsets.ISO_8859_1);
    return names.of(bytes, 2, name.length());
  }

  @Test
  void of_nameSeenBefore_isTheSame_inItsCase() {
    Object first = of("X-Api-Key");
    assertThat(of("X-Api-Key")).isSameAs(first);
    assertThat(of("x-api-key")).isNotSameAs(first).hasToString("x-api-key");
    assertThat(of("X-Api-Key")).isSameAs(first);
  }

  @Test
  void of_longName_isNotKept() {
    String name = "x".repeat(65);
    assertThat(of(name)).isNotSameAs(of(name)).hasToString(name);
  }

  /** Whatever else shares its place. */
  @Property
  void of_anyName_isThatName(
      @ForAll @StringLength(max = 80) @CharRange(from = ' ', to = '\u00ff') String name) {
    assertThat(of(name)).hasToString(name);
    assertThat(of(name)).hasToString(name);
  }
}
