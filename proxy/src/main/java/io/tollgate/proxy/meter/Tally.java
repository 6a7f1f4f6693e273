package io.tollgate.proxy.meter;

/** Where counted units go: the usage room's journal. Thread-safe. */
@FunctionalInterface
public interface Tally {
  /**
   * Adds units to a tenant's meter. Never throws, never blocks, keeps nothing for itself.
   *
   * @param tenant the tenant's id
   * @param meter the meter's key
   * @param units at least 0
   */
  void add(String tenant, String meter, long units);

  /** One tenant's meter, for those who add to it often: without a look-up each time. */
  default OfMeter counter(String tenant, String meter) {
    return units -> add(tenant, meter, units);
  }

  /** A tenant's meter. Thread-safe; may be kept for as long as is wanted. */
  @FunctionalInterface
  interface OfMeter {
    /** Adds units, as {@link Tally#add} does. */
    void add(long units);

    /**
     * Reads what {@link #add} will write. It lies anywhere in memory: a call that knows early what
     * it will count has the processor fetch it beside what else the call needs.
     *
     * @return anything; to be kept somewhere, else nothing would be read
     */
    default long fetch() {
      return 0;
    }
  }
}
