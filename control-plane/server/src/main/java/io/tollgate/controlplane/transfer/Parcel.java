package io.tollgate.controlplane.transfer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.Consumer;

/**
 * Rows to be brought in.
 *
 * @param actor who brings them, for the audit trail
 * @param table {@code tenants}, {@code subscriptions}, {@code usage}, {@code accounts} or {@code
 *     invoices}
 * @param csv whether the text is CSV with a header; else it is a JSON array
 * @param text the rows
 * @param dryRun whether everything is done and taken back
 * @param prepare what happens to each row, as the API would take it, before it is brought
 */
public record Parcel(
    String actor,
    String table,
    boolean csv,
    String text,
    boolean dryRun,
    Consumer<ObjectNode> prepare) {}
