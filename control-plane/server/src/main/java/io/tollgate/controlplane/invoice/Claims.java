package io.tollgate.controlplane.invoice;

import io.tollgate.controlplane.database.Missing;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.subscription.RevisionKey;
import java.util.List;

/**
 * What documents have billed, and in which steps of subscriptions. A unique key makes each thing
 * billable once only; documents that are withdrawn set it free. Thread-safe.
 */
public final class Claims {
  private Claims() {}

  /** A step that an invoice bills. */
  public record Step(String invoice, RevisionKey key) {}

  /** What an invoice claimed, and in which step. */
  public record Claimed(String invoice, Draft.Claim claim) {
    /** The step. */
    public RevisionKey key() {
      return new RevisionKey(claim.subscription(), claim.revision());
    }
  }

  /** The claims of invoices, in an order that stays. */
  public static List<Claimed> of(Transaction tx, List<String> invoices) {
    return tx.list(
        "SELECT invoice, subscription, kind, period_start, revision FROM invoice_claims"
            + " WHERE invoice = ANY ($1::text[]) ORDER BY invoice, subscription, revision",
        row ->
            new Claimed(
                row.text("invoice"),
                new Draft.Claim(
                    row.text("subscription"),
                    row.text("kind"),
                    row.instant("period_start"),
                    row.whole("revision"))),
        (Object) invoices.toArray(String[]::new));
  }

  /** A claim and the document that makes it. */
  record Claiming(Draft draft, Draft.Claim claim) {}

  /** What documents claim. */
  static List<Claiming> claiming(List<Draft> drafts) {
    return drafts.stream()
        .flatMap(draft -> draft.claims().stream().map(claim -> new Claiming(draft, claim)))
        .toList();
  }

  /** The steps that those of the invoices bill that are drafts, which are locked. */
  public static List<Step> ofDrafts(Transaction tx, List<String> ids) {
    List<String> drafts =
        tx.list(
            "SELECT id FROM invoices WHERE id = ANY($1::text[]) AND status = 'DRAFT'"
                + " ORDER BY id FOR UPDATE",
            row -> row.text("id"),
            (Object) ids.toArray(String[]::new));
    return tx.list(
        "SELECT DISTINCT invoice, subscription, revision FROM invoice_claims"
            + " WHERE invoice = ANY($1::text[]) ORDER BY invoice, subscription, revision",
        row ->
            new Step(
                row.text("invoice"),
                new RevisionKey(row.text("subscription"), row.whole("revision"))),
        (Object) drafts.toArray(String[]::new));
  }

  /** Removes drafts, so that they can be composed anew; what they claimed is free again. */
  public static void withdraw(Transaction tx, List<String> ids) {
    String[] all = ids.toArray(String[]::new);
    tx.send("DELETE FROM invoice_claims WHERE invoice = ANY($1::text[])", (Object) all);
    tx.send("DELETE FROM invoice_lines WHERE invoice = ANY($1::text[])", (Object) all);
    tx.send(
        "UPDATE invoice_one_offs SET invoice = NULL WHERE invoice = ANY($1::text[])", (Object) all);
    Missing.added(tx, "invoice_one_offs");
    tx.send("DELETE FROM invoices WHERE id = ANY($1::text[]) AND status = 'DRAFT'", (Object) all);
  }
}
