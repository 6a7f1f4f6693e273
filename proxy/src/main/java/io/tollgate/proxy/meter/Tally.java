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
  }
}
