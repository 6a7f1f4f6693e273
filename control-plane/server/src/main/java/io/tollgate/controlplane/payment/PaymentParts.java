package io.tollgate.controlplane.payment;

import io.tollgate.controlplane.audit.Audit;
import io.tollgate.controlplane.database.Database;
import io.tollgate.controlplane.database.Ids;
import io.tollgate.controlplane.database.Outbox;
import io.tollgate.controlplane.invoice.Invoices;
import io.tollgate.controlplane.time.TenantClocks;

/**
 * What payments stand on.
 *
 * @param database for the transactions before and after a provider is asked
 * @param invoices which a payment settles
 * @param payers who pays
 * @param clocks what time it is for a tenant
 * @param outbox where payments are announced
 * @param audit where they are recorded
 * @param ids makes {@code pay_...}
 */
public record PaymentParts(
    Database database,
    Invoices invoices,
    Payers payers,
    TenantClocks clocks,
    Outbox outbox,
    Audit audit,
    Ids ids) {}
