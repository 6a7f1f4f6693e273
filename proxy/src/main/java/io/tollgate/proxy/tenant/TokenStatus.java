package io.tollgate.proxy.tenant;

/**
 * Figures about tokens.
 *
 * @param known tokens in memory, valid and refused alike
 * @param verified signatures looked at since the start
 * @param turnedAway tokens not looked at because too many others were
 * @param keyFailures fetches of issuers' keys that failed
 */
public record TokenStatus(long known, long verified, long turnedAway, long keyFailures) {}
