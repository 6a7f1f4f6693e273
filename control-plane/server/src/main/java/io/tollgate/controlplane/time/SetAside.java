package io.tollgate.controlplane.time;

import java.time.Instant;

/**
 * An entry that failed too often and waits for a person.
 *
 * @param error the last failure
 */
public record SetAside(
    long id,
    String tenant,
    String kind,
    String subject,
    Instant dueAt,
    int attempts,
    String error,
    Instant setAsideAt) {}
