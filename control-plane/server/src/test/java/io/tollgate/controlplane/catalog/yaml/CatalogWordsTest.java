package io.tollgate.controlplane.catalog.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

class CatalogWordsTest {
  @Test
  void of_aSet_isSaidInTheSameOrderEachTime() {
    assertThat(CatalogWords.of(Set.of("pro", "basic", "team", "free", "large", "huge", "solo")))
        .isEqualTo("[basic, free, huge, large, pro, solo, team]");
  }
}
