package io.tollgate.controlplane.time;

import java.time.Instant;

/**
 * An entry of the agenda whose instant has come.
 *
 * @param dueAt when it was due
 * @param now the tenant's time at which it is done: the wall clock's, or its test clock's; never
 *     before {@code dueAt}
 */
public record DueWork(String tenant, String kind, String subject, Instant dueAt, Instant now) {}
