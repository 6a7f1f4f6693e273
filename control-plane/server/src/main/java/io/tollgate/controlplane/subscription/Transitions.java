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
import static io.tollgate.controlplane.subscription.Command.UNDO_CANCEL;
import static io.tollgate.controlplane.subscription.Command.UNSCHEDULE;

import io.tollgate.controlplane.web.Problem;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/** The one table of what is possible in which state. */
final class Transitions {
  private Transitions() {}

  static Set<Command> possibleIn(SubscriptionState state) {
    return Collections.unmodifiableSet(
        switch (state) {
          case SubscriptionState.Pending pending -> EnumSet.of(ACTIVATE, CANCEL, TERMINATE);
          case SubscriptionState.Trial trial ->
              EnumSet.of(END_TRIAL, CHANGE, UNSCHEDULE, CANCEL, UNDO_CANCEL, MIGRATE, TERMINATE);
          case SubscriptionState.Active active ->
              EnumSet.of(RENEW, CHANGE, UNSCHEDULE, PAUSE, CANCEL, UNDO_CANCEL, MIGRATE, TERMINATE);
          case SubscriptionState.Paused paused -> EnumSet.of(RESUME, CANCEL, TERMINATE);
          case SubscriptionState.Cancelled cancelled -> EnumSet.of(REACTIVATE);
          case SubscriptionState.Expired expired -> EnumSet.of(REACTIVATE);
          case SubscriptionState.Terminated terminated -> EnumSet.noneOf(Command.class);
        });
  }

  static void check(Subscription subscription, Command command) {
    Set<Command> possible = possibleIn(subscription.state());
    if (!possible.contains(command)) {
      throw conflict(
          subscription,
          "it is "
              + subscription.state().word()
              + "; "
              + command.word()
              + " is not possible, only "
              + possible.stream().map(Command::word).toList());
    }
  }

  /** 409, with the state and what is possible in it. */
  static Problem conflict(Subscription subscription, String detail) {
    return Problem.conflict("subscription " + subscription.id() + ": " + detail)
        .with("state", subscription.state().word())
        .with("possible", possibleIn(subscription.state()).stream().map(Command::word).toList());
  }
}
