package io.tollgate.proxy.limit;

import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Test;

/**
 * Every interleaving of spending a lease, giving back to it, closing it and opening it anew is one
 * of some order. What the tenant's monitor orders in the escrow (closing, opening, reporting) is
 * one group here, which Lincheck runs on one thread.
 */
public class LeasesLincheckTest {
  private final long[] words = Leases.closed(1);

  public LeasesLincheckTest() {
    Leases.open(words, 0, 3, Long.MAX_VALUE, 0, false);
  }

  @Operation
  public long take(@Param(gen = IntGen.class, conf = "1:3") int units) {
    return Leases.take(words, 0, units);
  }

  @Operation
  public long takeUpTo(@Param(gen = IntGen.class, conf = "1:3") int units) {
    return Leases.takeUpTo(words, 0, units);
  }

  @Operation
  public boolean giveBack(@Param(gen = IntGen.class, conf = "1:2") int units) {
    return Leases.giveBack(words, 0, units);
  }

  @Operation(nonParallelGroup = "monitor")
  public long close() {
    return Leases.close(words, 0);
  }

  @Operation(nonParallelGroup = "monitor")
  public boolean open(@Param(gen = IntGen.class, conf = "1:3") int units) {
    if (Leases.isOpen(words, 0)) {
      return false;
    }
    Leases.open(words, 0, units, Long.MAX_VALUE, 0, true);
    return true;
  }

  @Operation
  public long available() {
    return Leases.available(words, 0);
  }

  @Test
  void lease_isLinearizable() {
    new ModelCheckingOptions()
        .iterations(20)
        .invocationsPerIteration(500)
        .threads(2)
        .actorsPerThread(3)
        .check(getClass());
  }
}
