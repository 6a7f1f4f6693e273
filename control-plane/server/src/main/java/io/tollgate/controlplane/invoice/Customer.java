package io.tollgate.controlplane.invoice;

import io.tollgate.controlplane.tax.TaxProfile;
import java.time.ZoneId;
import java.util.Locale;

/**
 * A tenant as the invoice sees it.
 *
 * @param tenant the id
 * @param billedTo name, address and registrations, as printed
 * @param tax what decides the taxes
 * @param locale language and number format of the document
 * @param zone the billing zone: dates of issue and due dates are days in it
 */
public record Customer(String tenant, Party billedTo, TaxProfile tax, Locale locale, ZoneId zone) {}
