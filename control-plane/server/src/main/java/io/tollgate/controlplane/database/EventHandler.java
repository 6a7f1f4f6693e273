package io.tollgate.controlplane.database;

import java.util.List;

/** Follows events. */
@FunctionalInterface
public interface EventHandler {
  /**
   * Handles events in the transaction that takes them from the queue: what it writes and their
   * leaving are one. An exception puts all of them back, and they come again one by one.
   *
   * @param events at least one, in the order they were published as far as transactions allow
   */
  void handle(Transaction tx, List<Event> events);
}
