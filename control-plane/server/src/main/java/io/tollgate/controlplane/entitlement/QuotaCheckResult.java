package io.tollgate.controlplane.entitlement;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.tollgate.contract.OverLimit;
import io.tollgate.contract.Period;
import org.jspecify.annotations.Nullable;

/**
 * Document 001's answer to "may this tenant use one more".
 *
 * @param isAllowed whether {@code units} more pass, by limit, behaviour and standing
 * @param remaining units left, at least 0; null where there is no bound
 * @param used units used in the window, exact as far as proxies have delivered
 * @param limit units per window; null where there is no bound
 * @param behavior what happens past the limit
 * @param key the quota's or feature's key
 * @param meter what is counted
 * @param window the window the numbers are of; null for a lifetime one
 * @param reason one sentence
 */
public record QuotaCheckResult(
    @JsonProperty("isAllowed") boolean isAllowed,
    @Nullable Long remaining,
    long used,
    @Nullable Long limit,
    OverLimit.Behavior behavior,
    String key,
    String meter,
    @Nullable Period window,
    String reason) {}
