package io.tollgate.controlplane.dunning;

import io.tollgate.controlplane.audit.Audit;
import io.tollgate.controlplane.catalog.version.Catalogs;
import io.tollgate.controlplane.database.Outbox;
import io.tollgate.controlplane.invoice.Invoices;
import io.tollgate.controlplane.payment.Payments;
import io.tollgate.controlplane.subscription.Subscriptions;
import io.tollgate.controlplane.tenant.Tenants;
import io.tollgate.controlplane.time.Agenda;
import io.tollgate.controlplane.time.TenantClocks;
import io.tollgate.controlplane.wallet.Wallets;

/**
 * What dunning stands on: its sources, and where it announces, records and plans.
 *
 * @param tenants in whose zone days are counted
 * @param catalogs whose policies say the days
 * @param subscriptions one half of standing
 * @param wallets whose top-ups are collected at once
 * @param invoices the other half
 * @param payments which are tried again
 * @param clocks what day it is for a tenant
 * @param agenda when the next step is due
 * @param outbox where changes of standing are announced
 * @param audit where they are recorded
 */
public record DunningParts(
    Tenants tenants,
    Catalogs catalogs,
    Subscriptions subscriptions,
    Wallets wallets,
    Invoices invoices,
    Payments payments,
    TenantClocks clocks,
    Agenda agenda,
    Outbox outbox,
    Audit audit) {}
