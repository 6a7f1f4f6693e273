package io.tollgate.proxy.entitlement;

import java.time.Duration;

/**
 * What the cache holds and how it fares, for metrics.
 *
 * @param tenants tenants in memory
 * @param keys their API keys
 * @param unknownKeys keys remembered as unknown
 * @param unknownTenants tenants remembered as unknown
 * @param sequence the last applied change; -1 for none yet
 * @param connected whether the change stream stands
 * @param staleness since when nothing was heard of the control plane
 * @param lookups questions put to the control plane, since the start
 * @param lookupsRefused questions not put because there were too many, since the start
 * @param lookupsFailed questions without an answer, since the start
 * @param copyFailures writes of the copy on disk that failed, since the start
 */
public record CacheStatus(
    long tenants,
    long keys,
    long unknownKeys,
    long unknownTenants,
    long sequence,
    boolean connected,
    Duration staleness,
    long lookups,
    long lookupsRefused,
    long lookupsFailed,
    long copyFailures) {}
