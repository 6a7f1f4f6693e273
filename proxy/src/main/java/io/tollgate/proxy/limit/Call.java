package io.tollgate.proxy.limit;

import io.tollgate.contract.Entitlements;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * One call's way through the limits: the question, the answer and what was taken. Made for reuse:
 * an exchange object keeps one and calls {@link #prepare} for each request, so that a decision
 * allocates nothing. Not reusable before its ticket ended. Used by one thread at a time.
 */
public final class Call {
  private final Executor executor;
  private final Admission admission = new Admission(this);
  private @Nullable Entitlements entitlements;
  private String keyId = "";
  private @Nullable Demand demand;

  /**
   * A call.
   *
   * @param executor where the continuation runs when the admission had to ask the cluster: the
   *     connection's event loop
   */
  public Call(Executor executor) {
    this.executor = Objects.requireNonNull(executor, "executor");
  }

  /**
   * Sets the question.
   *
   * @param entitlements what the tenant may do
   * @param keyId the API key's public id; empty for none
   * @param demand what the route asks
   */
  public Call prepare(Entitlements entitlements, String keyId, Demand demand) {
    this.entitlements = entitlements;
    this.keyId = keyId;
    this.demand = demand;
    return this;
  }

  /** What became of it; valid from the continuation until the call is prepared again. */
  public Verdict verdict() {
    return admission;
  }

  Admission admission() {
    return admission;
  }

  Executor executor() {
    return executor;
  }

  Entitlements entitlements() {
    return Objects.requireNonNull(entitlements, "prepare the call first");
  }

  String keyId() {
    return keyId;
  }

  Demand demand() {
    return Objects.requireNonNull(demand, "prepare the call first");
  }
}
