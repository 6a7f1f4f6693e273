package io.tollgate.controlplane.invoice;

import org.jspecify.annotations.Nullable;

/** Which invoices are listed; null is all. */
record InvoiceFilter(
    @Nullable String tenant, @Nullable InvoiceStatus status, @Nullable String subscription) {}
