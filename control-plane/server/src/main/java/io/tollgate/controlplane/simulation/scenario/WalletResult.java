package io.tollgate.controlplane.simulation.scenario;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tollgate.controlplane.wallet.Credit;
import io.tollgate.controlplane.wallet.Transfer;
import io.tollgate.controlplane.wallet.Wallet;
import io.tollgate.controlplane.web.Wire;
import java.time.ZoneId;
import java.util.List;

/** Wallets as scenarios print them. Stateless. */
final class WalletResult {
  private WalletResult() {}

  static ObjectNode of(Wallet wallet) {
    ObjectNode node = Wire.mapper().createObjectNode();
    node.put("balance", wallet.balance().toPlainString());
    node.put("drawn", wallet.drawn().toPlainString());
    node.put("alerts", wallet.alerts());
    return node;
  }

  /** What was put in and what is left of each, and every movement; oldest first. */
  static void addLedger(ObjectNode node, List<Credit> credits, List<Transfer> ledger, ZoneId zone) {
    ArrayNode in = node.putArray("credits");
    for (Credit credit : credits) {
      ObjectNode one = in.addObject();
      one.put("source", InvoiceResult.word(credit.source().name()));
      one.put("amount", credit.amount().toPlainString());
      one.put("remaining", credit.remaining().toPlainString());
      one.put("priority", credit.priority());
      if (credit.expiresAt() != null) {
        one.put("expires", InvoiceResult.day(credit.expiresAt(), zone));
      }
      one.put("at", InvoiceResult.day(credit.createdAt(), zone));
    }
    ArrayNode moved = node.putArray("ledger");
    for (Transfer transfer : ledger) {
      moved
          .addObject()
          .put("at", InvoiceResult.day(transfer.at(), zone))
          .put("kind", transfer.kind().word())
          .put("amount", transfer.amount().toPlainString())
          .put("debited", transfer.kind().from())
          .put("credited", transfer.kind().to());
    }
  }
}
