package io.tollgate.controlplane.audit;

/**
 * The first place where a chain does not hold: a line was changed, or one before it is missing.
 *
 * @param chain the tenant, or empty
 * @param position where it shows
 */
public record Breach(String chain, long position) {}
