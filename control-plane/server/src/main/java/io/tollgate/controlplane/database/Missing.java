package io.tollgate.controlplane.database;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Where a transaction found no rows, so that it needs not ask there again: most tenants have no
 * wallet, most subscriptions no coupon. Others may add some meanwhile; a transaction that does so
 * itself says it with {@link #added}. Not for what is asked again after a lock was waited for.
 */
public final class Missing {
  private final Map<String, Set<String>> keys = new ConcurrentHashMap<>();

  private Missing() {}

  private static Set<String> of(Transaction tx, String table) {
    return tx.memory(Missing.class, Missing::new)
        .keys
        .computeIfAbsent(table, any -> ConcurrentHashMap.newKeySet());
  }

  /**
   * What is under keys, asked only for those not known to have nothing.
   *
   * @param key of a row
   * @param ask the question, for one key or more
   */
  public static <T> List<T> among(
      Transaction tx,
      String table,
      Collection<String> keys,
      Function<? super T, String> key,
      Function<String[], List<T>> ask) {
    return amongAll(tx, table, keys, row -> List.of(key.apply(row)), ask);
  }

  /**
   * As {@link #among}, of rows that are under several keys.
   *
   * @param of the keys of a row
   */
  public static <T> List<T> amongAll(
      Transaction tx,
      String table,
      Collection<String> keys,
      Function<? super T, List<String>> of,
      Function<String[], List<T>> ask) {
    Set<String> missing = of(tx, table);
    String[] asked = keys.stream().filter(each -> !missing.contains(each)).toArray(String[]::new);
    if (asked.length == 0) {
      return List.of();
    }
    List<T> rows = ask.apply(asked);
    Set<String> nowhere = new HashSet<>(List.of(asked));
    rows.forEach(row -> of.apply(row).forEach(nowhere::remove));
    missing.addAll(nowhere);
    return rows;
  }

  /** Those of keys that are not known to have nothing. */
  public static List<String> perhaps(Transaction tx, String table, Collection<String> keys) {
    Set<String> missing = of(tx, table);
    return keys.stream().filter(key -> !missing.contains(key)).toList();
  }

  /** Says that the transaction adds rows to a table. */
  public static void added(Transaction tx, String table) {
    of(tx, table).clear();
  }
}
