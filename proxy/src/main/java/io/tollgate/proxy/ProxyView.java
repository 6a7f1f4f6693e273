package io.tollgate.proxy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tollgate.contract.Entitlements;
import io.tollgate.proxy.admin.AdminView;
import io.tollgate.proxy.admin.Denial;
import io.tollgate.proxy.admin.SettingsView;
import io.tollgate.proxy.entitlement.Trust;
import io.tollgate.proxy.entitlement.Wire;
import io.tollgate.proxy.limit.LimitView;
import io.tollgate.proxy.limit.cell.CellAccount;
import io.vertx.core.Future;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The proxy as its operators see it. */
final class ProxyView implements AdminView {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long CLUSTER_SECONDS = 2;

  private final Proxy proxy;

  ProxyView(Proxy proxy) {
    this.proxy = proxy;
  }

  @Override
  public List<String> notReady() {
    List<String> why = new ArrayList<>();
    if (proxy.isDraining()) {
      why.add("the proxy is draining");
    } else if (!proxy.isListening()) {
      why.add("the proxy is starting");
    }
    if (proxy.entitlements().trust() == Trust.CLOSED) {
      why.add(
          "the control plane at "
              + proxy.settings().controlPlane().url()
              + " was last heard of "
              + proxy.entitlements().staleness().toSeconds()
              + " s ago, and staleness.policy is closed");
    }
    return why;
  }

  @Override
  public ObjectNode config() {
    ObjectNode root = SettingsView.of(proxy.settings());
    root.put("port", proxy.port());
    root.put("admin-port", proxy.adminPort());
    root.put("letterbox-port", proxy.letterboxPort());
    return root;
  }

  @Override
  public Future<@Nullable ObjectNode> explain(String tenant) {
    Entitlements entitlements = proxy.entitlements().get(tenant);
    if (entitlements == null) {
      return Future.succeededFuture(null);
    }
    ObjectNode root = JSON.createObjectNode();
    root.put("tenant", tenant);
    root.put("trust", proxy.entitlements().trust().name());
    root.put("heardSecondsAgo", proxy.entitlements().staleness().toSeconds());
    root.set("entitlements", json(entitlements));
    List<LimitView> here = proxy.cluster().limits().explain(tenant);
    root.set("here", JSON.valueToTree(here));
    here.stream()
        .filter(view -> view.hard() && view.refusing())
        .map(LimitView::limit)
        .distinct()
        .forEach(root.putArray("deciding")::add);
    return Future.fromCompletionStage(proxy.cluster().accounts(tenant))
        .timeout(CLUSTER_SECONDS, TimeUnit.SECONDS)
        .map(accounts -> withCells(root, accounts))
        .otherwise(failure -> root.put("cellsUnknown", String.valueOf(failure.getMessage())));
  }

  @Override
  public @Nullable ObjectNode denial(String id) {
    Denial denial = proxy.denials().find(id);
    return denial == null ? null : JSON.valueToTree(denial);
  }

  private static @Nullable ObjectNode withCells(ObjectNode root, List<CellAccount> accounts) {
    root.set("cells", JSON.valueToTree(accounts));
    return root;
  }

  @Override
  public Future<Void> flush() {
    return proxy.shipper().flush();
  }

  @Override
  public void drain() {
    Thread.ofPlatform().name("drain").start(proxy::stop);
  }

  private static JsonNode json(Entitlements entitlements) {
    try {
      return JSON.readTree(Wire.write(entitlements));
    } catch (IOException e) {
      throw new IllegalStateException("the wire writes JSON", e);
    }
  }
}
