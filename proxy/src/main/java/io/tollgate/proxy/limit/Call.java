package io.tollgate.proxy.limit;

import io.tollgate.contract.Entitlements;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One call's way through the limits: the question, the answer and what was taken. Made for reuse:
 * an exchange object keeps one and calls {@link #prepare} for each request, so that a decision
 * allocates nothing. Not reusable before its ticket ended. Used by one thread at a time.
 */
public final class Call {
  private final Executor executor;
  private final BooleanSupplier running;
  private final Admission admission = new Admission(this);
  private @Nullable Entitlements entitlements;
  private String keyId = "";
  private @Nullable Demand demand;
  private @Nullable Object before;

  /**
   * A call.
   *
   * @param executor where the continuation runs when the admission had to ask the cluster: the
   *     connection's event loop
   */
  public Call(Executor executor) {
    this(executor, () -> false);
  }

  /**
   * A call that may last longer than its permits do.
   *
   * @param executor where the continuation runs and {@code running} is asked
   * @param running whether the call still runs; asked when a permit's time is over, which renews it
   *     or gives it back. A call that never says so is one whose permits return by themselves
   */
  public Call(Executor executor, BooleanSupplier running) {
    this.executor = Objects.requireNonNull(executor, "executor");
    this.running = Objects.requireNonNull(running, "running");
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
    this.before = null;
    return this;
  }

  /**
   * Says what was {@link #found} for an earlier call of the same key on the same route. Where it
   * still applies, nothing is looked up.
   *
   * @param foundBefore null for nothing
   */
  public Call knowing(@Nullable Object foundBefore) {
    before = foundBefore;
    return this;
  }

  /** What was found to apply to the call admitted last, to be kept for the next; immutable. */
  public Object found() {
    return admission.applied();
  }

  @Nullable Object before() {
    return before;
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

  boolean isRunning() {
    return running.getAsBoolean();
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
