package io.tollgate.controlplane.subscription;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a subscription stands in its own life. What an unpaid invoice does to the tenant (past due,
 * grace, read-only, suspended) is derived by {@code dunning} for the tenant as a whole, because one
 * invoice can span several subscriptions; {@link Terminated} is where both lives end.
 */
public sealed interface SubscriptionState {
  /** The word of each state, as {@link #word} gives it. */
  List<String> WORDS =
      List.of("pending", "trial", "active", "paused", "cancelled", "expired", "terminated");

  /**
   * Bought, but beginning later.
   *
   * @param startsAt when it begins
   * @param trial whether it begins with its trial
   */
  record Pending(Instant startsAt, boolean trial) implements SubscriptionState {
    /** One that begins without a trial. */
    public Pending(Instant startsAt) {
      this(startsAt, false);
    }
  }

  /** In its free days; the first period begins when they end. */
  record Trial(Instant endsAt) implements SubscriptionState {}

  /** In force and billed. */
  record Active() implements SubscriptionState {}

  /**
   * Neither in force nor billed. What was left of the period is given when it resumes.
   *
   * @param since when it was paused
   * @param resumesAt when it resumes by itself; null for when it is told to
   */
  record Paused(Instant since, @Nullable Instant resumesAt) implements SubscriptionState {}

  /** Ended by its owner or the staff. */
  record Cancelled(Instant at) implements SubscriptionState {}

  /** Its trial ended without anyone taking it on. */
  record Expired(Instant at) implements SubscriptionState {}

  /** Ended for good by dunning; it cannot be reactivated. */
  record Terminated(Instant at) implements SubscriptionState {}

  /** The state's name as the API and the database have it, such as {@code active}. */
  default String word() {
    return switch (this) {
      case Pending p -> "pending";
      case Trial t -> "trial";
      case Active a -> "active";
      case Paused p -> "paused";
      case Cancelled c -> "cancelled";
      case Expired e -> "expired";
      case Terminated t -> "terminated";
    };
  }

  /** Whether features and limits are in force. */
  default boolean isInForce() {
    return switch (this) {
      case Trial t -> true;
      case Active a -> true;
      case Pending p -> false;
      case Paused p -> false;
      case Cancelled c -> false;
      case Expired e -> false;
      case Terminated t -> false;
    };
  }

  /** Whether it has ended. */
  default boolean isOver() {
    return switch (this) {
      case Cancelled c -> true;
      case Expired e -> true;
      case Terminated t -> true;
      case Pending p -> false;
      case Trial t -> false;
      case Active a -> false;
      case Paused p -> false;
    };
  }
}
