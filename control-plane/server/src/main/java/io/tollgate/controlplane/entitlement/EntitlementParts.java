package io.tollgate.controlplane.entitlement;

import io.tollgate.controlplane.audit.Audit;
import io.tollgate.controlplane.catalog.version.Catalogs;
import io.tollgate.controlplane.database.Database;
import io.tollgate.controlplane.database.Ids;
import io.tollgate.controlplane.database.Outbox;
import io.tollgate.controlplane.dunning.Dunning;
import io.tollgate.controlplane.subscription.Subscriptions;
import io.tollgate.controlplane.tenant.Tenants;
import io.tollgate.controlplane.time.Agenda;
import io.tollgate.controlplane.time.TenantClocks;
import io.tollgate.controlplane.usage.UsageSums;
import io.tollgate.controlplane.wallet.Wallets;

/**
 * What entitlements stand on.
 *
 * @param database where documents are kept and announced
 * @param tenants and their keys
 * @param catalogs what plans and add-ons give
 * @param subscriptions what was bought
 * @param wallets what was paid ahead
 * @param dunning where a tenant stands
 * @param usage what was used, for quota checks
 * @param clocks what time it is for a tenant
 * @param agenda when an override ends
 * @param outbox whose events lead to new documents
 * @param audit where overrides are recorded
 * @param ids makes {@code ovr_...}
 */
public record EntitlementParts(
    Database database,
    Tenants tenants,
    Catalogs catalogs,
    Subscriptions subscriptions,
    Wallets wallets,
    Dunning dunning,
    UsageSums usage,
    TenantClocks clocks,
    Agenda agenda,
    Outbox outbox,
    Audit audit,
    Ids ids) {}
