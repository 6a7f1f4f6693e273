package io.tollgate.proxy.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the operators' port shows and does; the composition root knows it all. Thread-safe. */
public interface AdminView {
  /** Why no traffic should be sent here; empty when it should. */
  List<String> notReady();

  /** The configuration in force, without secrets. */
  ObjectNode config();

  /** What a tenant may do here now and why; completes with null where it is not known. */
  Future<@Nullable ObjectNode> explain(String tenant);

  /** Why a call was refused here, by the id it was told; null where it is not known any more. */
  @Nullable ObjectNode denial(String id);

  /** Ships what was counted before this call; completes when the control plane has it. */
  Future<Void> flush();

  /** Begins to drain: unready, then down. */
  void drain();
}
