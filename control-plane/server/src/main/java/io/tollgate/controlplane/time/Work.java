package io.tollgate.controlplane.time;

import java.time.Instant;

/**
 * Something to do at an instant.
 *
 * @param tenant whose it is; its clock says when it is due
 * @param kind which handler does it
 * @param subject the id of what it is done to; one entry for each kind and subject
 * @param dueAt when
 */
public record Work(String tenant, String kind, String subject, Instant dueAt) {}
