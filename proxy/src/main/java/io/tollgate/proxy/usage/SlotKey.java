package io.tollgate.proxy.usage;

/**
 * What one record counts.
 *
 * @param source who counted
 * @param tenant whose units
 * @param meter of what
 * @param hour in which UTC hour, in hours since 1970
 */
record SlotKey(Source source, String tenant, String meter, long hour) {
  @Override
  public String toString() {
    return tenant + " " + meter + " in hour " + hour + " by " + source.name();
  }
}
