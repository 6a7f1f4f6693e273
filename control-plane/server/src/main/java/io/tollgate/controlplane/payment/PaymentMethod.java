package io.tollgate.controlplane.payment;

import org.jspecify.annotations.Nullable;

/**
 * Through whom a tenant pays.
 *
 * @param provider the provider's name
 * @param customer who the tenant is there; null until the provider was told of it
 */
record PaymentMethod(String provider, @Nullable String customer) {}
