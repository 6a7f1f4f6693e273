package io.tollgate.proxy.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What a call through the proxy must not do while its key is looked up. */
class HotPathTest {
  private static final int LOOKUPS = 100_000;

  @Test
  void hash_andFindAKnownKey_allocatesNothing() {
    Map<ApiKey, Identity> known = new HashMap<>();
    String[] keys = new String[100];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = "Bearer tg_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789_-" + i;
      ApiKey key = Objects.requireNonNull(KeyHasher.hash(keys[i], 7, keys[i].length()));
      known.put(key.copy(), new Identity.Known("tenant-" + i, "key-" + i));
    }
    assertThat(find(known, keys)).isEqualTo(LOOKUPS);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    int found = find(known, keys);
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertThat(found).isEqualTo(LOOKUPS);
    assertThat(allocated).isLessThan(LOOKUPS);
  }

  private static int find(Map<ApiKey, Identity> known, String[] keys) {
    int found = 0;
    for (int i = 0; i < LOOKUPS; i++) {
      String text = keys[i % keys.length];
      ApiKey key = KeyHasher.hash(text, 7, text.length());
      if (key != null && known.get(key) instanceof Identity.Known) {
        found++;
      }
    }
    return found;
  }
}
