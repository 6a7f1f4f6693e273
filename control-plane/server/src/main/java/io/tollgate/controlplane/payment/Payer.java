package io.tollgate.controlplane.payment;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A tenant, as a payment provider gets to know it.
 *
 * @param tenant the tenant's id
 * @param name its name on bills
 * @param email where the provider may send receipts; null for nowhere
 */
public record Payer(String tenant, String name, @Nullable String email) {
  public Payer {
    Objects.requireNonNull(tenant, "tenant");
    Objects.requireNonNull(name, "name");
  }
}
