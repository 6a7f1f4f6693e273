package io.tollgate.controlplane.entitlement;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.tollgate.contract.Entitlements;
import io.tollgate.contract.QuotaBlockRequest;
import io.tollgate.controlplane.database.ConflictException;
import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.web.Call;
import io.tollgate.controlplane.web.EventStream;
import io.tollgate.controlplane.web.Problem;
import io.tollgate.controlplane.web.Reply;
import io.tollgate.controlplane.web.Role;
import io.tollgate.controlplane.web.Routes;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/** What proxies ask: documents by key and tenant, the stream of changes, quota blocks. */
final class ProxyRoutes {
  /** Silence for longer than a few of these tells a proxy that the line is dead. */
  private static final Duration HEARTBEAT = Duration.ofSeconds(5);

  private final EntitlementDirectory directory;
  private final ChangeFeed feed;
  private final QuotaBlocks blocks;

  ProxyRoutes(EntitlementDirectory directory, ChangeFeed feed, QuotaBlocks blocks) {
    this.directory = directory;
    this.feed = feed;
    this.blocks = blocks;
  }

  void mount(Routes routes) {
    routes.get("/api/proxy/keys/{sha256}", Role.PROXIES, this::key);
    routes.get("/api/proxy/tenants/{tenant}", Role.PROXIES, this::tenant);
    routes.stream("/api/proxy/changes", Role.PROXIES, this::changes).query("after");
    routes.post("/api/proxy/blocks", Role.PROXIES, this::block);
    routes.get("/api/billing/tenants/{tenant}/entitlements", Role.READERS, this::own);
  }

  private Reply key(Call call, Transaction tx) {
    String sha256 = call.path("sha256");
    return document(directory.ofKey(tx, sha256).orElseThrow(() -> Problem.notFound("key", sha256)));
  }

  private Reply tenant(Call call, Transaction tx) {
    String tenant = call.path("tenant");
    return document(
        directory.find(tx, tenant).orElseThrow(() -> Problem.notFound("tenant", tenant)));
  }

  private Reply own(Call call, Transaction tx) {
    call.mustBeOwn(call.path("tenant"));
    return tenant(call, tx);
  }

  private static Reply document(Entitlements document) {
    return json(document).version(document.version());
  }

  private static Reply json(Object message) {
    return Reply.of(
        "application/json", ContractJson.write(message).getBytes(StandardCharsets.UTF_8));
  }

  private Reply block(Call call, Transaction tx) {
    QuotaBlockRequest request;
    try {
      request = ContractJson.parse(call.text(), QuotaBlockRequest.class);
    } catch (JsonProcessingException e) {
      throw Problem.malformed(e.getOriginalMessage());
    }
    try {
      return switch (blocks.grant(tx, request)) {
        case QuotaBlocks.Answer.Granted granted -> json(granted.block());
        case QuotaBlocks.Answer.Unknown unknown ->
            throw new Problem(404, "not-found", "Not found", unknown.why());
        case QuotaBlocks.Answer.Conflict conflict -> throw Problem.conflict(conflict.why());
      };
    } catch (ConflictException e) {
      throw Problem.conflict("the request " + request.requestId() + " is another tenant's");
    }
  }

  /**
   * Sends the position first, then each change as it commits. Since a tenant's newest document
   * replaces its older ones, whoever comes back after any time gets what it missed; only a position
   * that was never reached (another database) is answered with a reset.
   */
  private void changes(Call call, EventStream stream) {
    long head = feed.position();
    long position = call.query("after").map(ProxyRoutes::sequence).orElse(head);
    stream.send("position", "{\"sequence\":" + head + "}");
    if (position > head) {
      stream.send("reset", "{}");
      position = head;
    }
    try {
      while (!stream.isClosed()) {
        List<ChangeFeed.Change> changes = feed.after(position, HEARTBEAT);
        for (ChangeFeed.Change change : changes) {
          stream.send(Long.toString(change.sequence()), "change", change.json());
          position = change.sequence();
        }
        if (changes.isEmpty()) {
          stream.comment("alive");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static long sequence(String text) {
    if (!text.matches("\\d{1,18}")) {
      throw Problem.invalid("after", "a sequence from an earlier event is expected");
    }
    return Long.parseLong(text);
  }
}
