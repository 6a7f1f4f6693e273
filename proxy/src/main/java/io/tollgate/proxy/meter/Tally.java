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
}
