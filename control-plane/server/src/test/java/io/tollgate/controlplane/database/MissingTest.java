package io.tollgate.controlplane.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class MissingTest {
  @RegisterExtension static final TestDatabase DB = new TestDatabase();

  @Test
  void among_asksAgainForWhatWasMissingOnlyOnceSomeIsAdded() {
    List<String> asked = new ArrayList<>();
    Function<String[], List<String>> ask =
        keys -> {
          asked.addAll(List.of(keys));
          return Stream.of(keys).filter("there"::equals).toList();
        };
    DB.db()
        .inTransaction(
            tx -> {
              List<String> keys = List.of("there", "nowhere");
              assertThat(Missing.among(tx, "table", keys, key -> key, ask))
                  .containsExactly("there");
              assertThat(Missing.among(tx, "table", keys, key -> key, ask))
                  .containsExactly("there");
              assertThat(Missing.perhaps(tx, "table", keys)).containsExactly("there");
              Missing.added(tx, "table");
              return Missing.among(tx, "table", List.of("nowhere"), key -> key, ask);
            });
    assertThat(asked).containsExactly("there", "nowhere", "there", "nowhere");
  }
}
