/**
 * A small donations API, as a customer of Tollgate would have it: causes, donations, receipts.
 *
 * <p>It knows nothing of plans, limits or billing, and uses the JDK alone. Its only link to
 * Tollgate is that it takes the tenant from the {@code X-Tollgate-Tenant} field, which the proxy
 * sets.
 */
@NullMarked
package io.tollgate.examples.donations;

import org.jspecify.annotations.NullMarked;
