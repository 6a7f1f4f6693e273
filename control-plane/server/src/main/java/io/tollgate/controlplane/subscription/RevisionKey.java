package io.tollgate.controlplane.subscription;

/**
 * Names a step in a subscription's life.
 *
 * @param subscription whose
 * @param revision the revision it led to
 */
public record RevisionKey(String subscription, long revision) {}
