package io.tollgate.controlplane.subscription;

import static io.tollgate.controlplane.subscription.Command.ACTIVATE;
import static io.tollgate.controlplane.subscription.Command.CANCEL;
import static io.tollgate.controlplane.subscription.Command.CHANGE;
import static io.tollgate.controlplane.subscription.Command.END_TRIAL;
import static io.tollgate.controlplane.subscription.Command.MIGRATE;
import static io.tollgate.controlplane.subscription.Command.PAUSE;
import static io.tollgate.controlplane.subscription.Command.REACTIVATE;
import static io.tollgate.controlplane.subscription.Command.RENEW;
import static io.tollgate.controlplane.subscription.Command.RESUME;
import static io.tollgate.controlplane.subscription.Command.TERMINATE;
import static io.tollgate.controlplane.subscription.Command.TRIAL;
import static io.tollgate.controlplane.subscription.Command.UNDO_CANCEL;
import static io.tollgate.controlplane.subscription.Command.UNSCHEDULE;

import io.tollgate.contract.BillingState;
import io.tollgate.controlplane.web.Problem;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The one table of what is possible in which state. */
final class Transitions {
  private Transitions() {}

  static Set<Command> possibleIn(SubscriptionState state) {
    return Collections.unmodifiableSet(
        switch (state) {
          case SubscriptionState.Pending pending -> EnumSet.of(ACTIVATE, CANCEL, TERMINATE);
          case SubscriptionState.Trial trial ->
              EnumSet.of(
                  END_TRIAL, CHANGE, TRIAL, UNSCHEDULE, CANCEL, UNDO_CANCEL, MIGRATE, TERMINATE);
          case SubscriptionState.Active active ->
              EnumSet.of(RENEW, CHANGE, UNSCHEDULE, PAUSE, CANCEL, UNDO_CANCEL, MIGRATE, TERMINATE);
          case SubscriptionState.Paused paused ->
              EnumSet.of(RESUME, CANCEL, UNDO_CANCEL, TERMINATE);
          case SubscriptionState.Cancelled cancelled -> EnumSet.of(REACTIVATE);
          case SubscriptionState.Expired expired -> EnumSet.of(REACTIVATE);
          case SubscriptionState.Terminated terminated -> EnumSet.noneOf(Command.class);
        });
  }

  /**
   * What is possible now: nothing is taken back where nothing waits.
   *
   * @param standing what unpaid invoices make of it; null for nothing
   */
  static Set<Command> possible(Subscription subscription, @Nullable BillingState standing) {
    Set<Command> possible = EnumSet.noneOf(Command.class);
    possible.addAll(possibleIn(subscription.state()));
    possible.removeIf(command -> objection(subscription, command).isPresent());
    return under(standing, possible);
  }

  /** Refuses what its own state forbids. */
  static void check(Subscription subscription, Command command) {
    check(subscription, null, command, () -> words(possible(subscription, null)));
  }

  /**
   * Refuses what an unpaid invoice forbids, or its own state.
   *
   * @param possible asked where it is refused
   */
  static void check(
      Subscription subscription,
      @Nullable BillingState standing,
      Command command,
      Supplier<List<String>> possible) {
    Set<Command> ofState = EnumSet.noneOf(Command.class);
    ofState.addAll(possibleIn(subscription.state()));
    if (standing != null && restricts(standing) && !under(standing, ofState).contains(command)) {
      String word = standing.name().toLowerCase(Locale.ROOT).replace('_', '-');
      List<String> words = possible.get();
      throw Problem.inState(
          "subscription "
              + subscription.id()
              + ": it is "
              + word
              + "; "
              + command.word()
              + " is not possible, only payment and "
              + words,
          word,
          words);
    }
    String state = subscription.state().word();
    if (!possibleIn(subscription.state()).contains(command)) {
      List<String> words = possible.get();
      throw conflict(
          subscription,
          "it is " + state + "; " + command.word() + " is not possible, only " + words,
          words);
    }
    objection(subscription, command)
        .ifPresent(
            objection -> {
              throw conflict(subscription, "it is " + state + "; " + objection, possible.get());
            });
  }

  /** Why a command that the state allows has nothing to work on. */
  private static Optional<String> objection(Subscription subscription, Command command) {
    if (command == UNDO_CANCEL && subscription.cancelAt() == null) {
      return Optional.of("no cancellation waits");
    }
    return command == UNSCHEDULE && subscription.scheduled().isEmpty()
        ? Optional.of("no change waits")
        : Optional.empty();
  }

  /** Those that somebody can give, as the API writes them; others happen by themselves. */
  static List<String> words(Set<Command> possible) {
    return possible.stream().filter(Command::isGiven).map(Command::word).toList();
  }

  private static boolean restricts(BillingState standing) {
    return standing == BillingState.SUSPENDED || standing == BillingState.TERMINATED;
  }

  /**
   * What is possible while invoices are unpaid: a suspended subscription cannot change or pause,
   * only be paid for or ended (document 004: suspended to active by payment, to cancelled); every
   * other standing leaves the state's own commands.
   */
  private static Set<Command> under(@Nullable BillingState standing, Set<Command> possible) {
    switch (standing) {
      case null -> {
        // Nothing is unpaid.
      }
      case SUSPENDED -> possible.removeAll(EnumSet.of(CHANGE, TRIAL, PAUSE));
      case TERMINATED -> possible.clear();
      case TRIAL, ACTIVE, PAST_DUE, GRACE, READ_ONLY, PAUSED, CANCELLED, EXPIRED, NONE -> {
        // Restrict what the tenant may do, not what it may buy.
      }
    }
    return possible;
  }

  /** 409, with the state and what is possible in it. */
  static Problem conflict(Subscription subscription, String detail, List<String> possible) {
    return Problem.inState(
        "subscription " + subscription.id() + ": " + detail, subscription.state().word(), possible);
  }
}
