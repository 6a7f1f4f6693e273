package io.tollgate.controlplane.invoice.document;

import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.invoice.InvoiceDetails;
import io.tollgate.controlplane.invoice.Invoices;
import io.tollgate.controlplane.web.Call;
import io.tollgate.controlplane.web.Problem;
import io.tollgate.controlplane.web.Reply;
import io.tollgate.controlplane.web.Role;
import io.tollgate.controlplane.web.Room;
import io.tollgate.controlplane.web.Routes;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;

/** Invoices and credit notes as PDF and HTML over the API. */
public final class DocumentRoutes implements Room {
  private static final String PATH = "/api/billing/invoices";

  private final Invoices invoices;
  private final Documents documents;

  /** Routes that print these invoices. */
  public DocumentRoutes(Invoices invoices, Documents documents) {
    this.invoices = invoices;
    this.documents = documents;
  }

  /** What prints them. */
  public Documents documents() {
    return documents;
  }

  @Override
  public void mount(Routes routes) {
    routes.get(
        PATH + "/{id}.pdf",
        Role.READERS,
        (call, tx) -> document(call, tx, "pdf", "application/pdf", documents::pdf));
    routes.get(
        PATH + "/{id}.html",
        Role.READERS,
        (call, tx) ->
            document(
                call,
                tx,
                "html",
                "text/html; charset=utf-8",
                details -> documents.html(details).getBytes(StandardCharsets.UTF_8)));
  }

  private Reply document(
      Call call,
      Transaction tx,
      String suffix,
      String contentType,
      Function<InvoiceDetails, byte[]> rendering) {
    String id = call.path("id");
    InvoiceDetails details =
        invoices
            .details(tx, id)
            .map(found -> invoices.asPrinted(tx, found))
            .orElseThrow(() -> Problem.notFound("invoice", id));
    String number = details.invoice().number();
    String name = (number == null ? id : number) + "." + suffix;
    return Reply.of(contentType, rendering.apply(details))
        .header("Content-Disposition", "inline; filename=\"" + name + "\"");
  }
}
