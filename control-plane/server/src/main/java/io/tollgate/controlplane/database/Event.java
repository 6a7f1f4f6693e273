package io.tollgate.controlplane.database;

import java.time.Instant;

/**
 * Something that happened, for those who follow it.
 *
 * @param tenant whose it is
 * @param kind what happened, such as {@code invoice.finalized}
 * @param subject the id of what it happened to
 * @param payload a JSON value
 * @param occurredAt the tenant's time
 */
public record Event(String tenant, String kind, String subject, Json payload, Instant occurredAt) {}
