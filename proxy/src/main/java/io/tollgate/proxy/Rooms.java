package io.tollgate.proxy;

import io.tollgate.proxy.admin.Denials;
import io.tollgate.proxy.admin.ProxyMetrics;
import io.tollgate.proxy.decision.Decisions;
import io.tollgate.proxy.entitlement.EntitlementCache;
import io.tollgate.proxy.forward.RequestCheck;
import io.tollgate.proxy.limit.Limits;
import io.tollgate.proxy.meter.Tally;

/** The rooms a request walks through, shared by all event loops. */
record Rooms(
    EntitlementCache entitlements,
    Limits limits,
    Decisions decisions,
    Tally tally,
    ProxyMetrics metrics,
    CallReport report,
    Denials denials,
    RequestCheck check) {}
