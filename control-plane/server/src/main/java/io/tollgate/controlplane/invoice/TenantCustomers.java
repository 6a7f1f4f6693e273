package io.tollgate.controlplane.invoice;

import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.tax.TaxProfile;
import io.tollgate.controlplane.tenant.BillingDetails;
import io.tollgate.controlplane.tenant.Tenant;
import io.tollgate.controlplane.tenant.Tenants;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The tenant room's tenants as customers. */
public record TenantCustomers(Tenants tenants) implements Customers {
  @Override
  public Map<String, Customer> of(Transaction tx, Collection<String> ids) {
    Map<String, Customer> customers = new HashMap<>();
    tenants.all(tx, ids).forEach((id, tenant) -> customers.put(id, customer(tenant)));
    return customers;
  }

  @Override
  public void foresee(Transaction tx, String tenant) {
    tenants.foresee(tx, tenant);
  }

  private static Customer customer(Tenant tenant) {
    BillingDetails billing = tenant.billing();
    return new Customer(
        tenant.id(),
        new Party(
            billing.name().isEmpty() ? tenant.name() : billing.name(),
            billing.address(),
            identifiers(billing)),
        TaxProfile.of(billing),
        billing.language(),
        tenant.zone());
  }

  private static List<Party.Identifier> identifiers(BillingDetails billing) {
    List<Party.Identifier> identifiers = new ArrayList<>();
    add(identifiers, "GSTIN", billing.gstin());
    add(identifiers, "PAN", billing.pan());
    add(identifiers, "Tax ID", billing.taxId());
    return identifiers;
  }

  private static void add(List<Party.Identifier> identifiers, String name, String value) {
    if (!value.isEmpty()) {
      identifiers.add(new Party.Identifier(name, value));
    }
  }
}
