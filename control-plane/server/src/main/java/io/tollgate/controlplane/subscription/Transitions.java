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
import java.util.Set;

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

  /** What is possible now: nothing is taken back where nothing waits. */
  static Set<Command> possibleFor(Subscription subscription) {
    Set<Command> possible = EnumSet.noneOf(Command.class);
    possible.addAll(possibleIn(subscription.state()));
    if (subscription.cancelAt() == null) {
      possible.remove(UNDO_CANCEL);
    }
    if (subscription.scheduled().isEmpty()) {
      possible.remove(UNSCHEDULE);
    }
    return possible;
  }

  static void check(Subscription subscription, Command command) {
    if (!possibleIn(subscription.state()).contains(command)) {
      throw conflict(
          subscription,
          "it is "
              + subscription.state().word()
              + "; "
              + command.word()
              + " is not possible, only "
              + words(possibleFor(subscription)));
    }
  }

  /** Those that somebody can give, as the API writes them; others happen by themselves. */
  static List<String> words(Set<Command> possible) {
    return possible.stream().filter(Command::isGiven).map(Command::word).toList();
  }

  /**
   * What is possible while invoices are unpaid: a suspended subscription cannot change or pause,
   * only be paid for or ended (document 004: suspended to active by payment, to cancelled); every
   * other standing leaves the state's own commands.
   */
  private static Set<Command> under(BillingState standing, Set<Command> possible) {
    switch (standing) {
      case SUSPENDED -> possible.removeAll(EnumSet.of(CHANGE, TRIAL, PAUSE));
      case TERMINATED -> possible.clear();
      case TRIAL, ACTIVE, PAST_DUE, GRACE, READ_ONLY, PAUSED, CANCELLED, EXPIRED, NONE -> {
        // Restrict what the tenant may do, not what it may buy.
      }
    }
    return possible;
  }

  /** Refuses what an unpaid invoice forbids; where it forbids nothing, the state alone decides. */
  static void check(Subscription subscription, BillingState standing, Command command) {
    if (standing != BillingState.SUSPENDED && standing != BillingState.TERMINATED) {
      return;
    }
    Set<Command> ofState = EnumSet.noneOf(Command.class);
    ofState.addAll(possibleIn(subscription.state()));
    if (!under(standing, ofState).contains(command)) {
      String word = standing.name().toLowerCase(Locale.ROOT).replace('_', '-');
      List<String> words = words(under(standing, possibleFor(subscription)));
      throw Problem.conflict(
              "subscription "
                  + subscription.id()
                  + ": it is "
                  + word
                  + "; "
                  + command.word()
                  + " is not possible, only payment and "
                  + words)
          .with("state", word)
          .with("possible", words);
    }
  }

  /** 409, with the state and what is possible in it. */
  static Problem conflict(Subscription subscription, String detail) {
    return Problem.inState(
        "subscription " + subscription.id() + ": " + detail,
        subscription.state().word(),
        words(possibleFor(subscription)));
  }
}
