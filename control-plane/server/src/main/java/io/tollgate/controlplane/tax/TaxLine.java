package io.tollgate.controlplane.tax;

import java.math.BigDecimal;
import org.joda.money.Money;

/**
 * One tax on one line.
 *
 * @param name as the invoice shows it, such as {@code CGST}
 * @param percent the rate
 * @param base the amount taxed, without tax
 * @param amount the tax; zero where the buyer owes it or is exempt
 * @param note why it is zero or shown so, for the invoice; empty for none
 */
public record TaxLine(String name, BigDecimal percent, Money base, Money amount, String note) {}
