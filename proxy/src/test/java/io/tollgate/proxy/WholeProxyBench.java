package io.tollgate.proxy;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** One whole proxy for all tests of a class. */
abstract class WholeProxyBench {
  @TempDir static Path data;
  static WholeProxy proxy;

  @BeforeAll
  static void start() throws Exception {
    proxy = new WholeProxy(data);
  }

  @AfterAll
  static void stop() throws Exception {
    proxy.close();
  }
}
