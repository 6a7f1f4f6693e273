package io.tollgate.controlplane.subscription;

import io.tollgate.controlplane.database.Transaction;
import io.tollgate.controlplane.web.Problem;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * What can be done to subscriptions now, by their own state and by what later rooms know: what is
 * said to be possible and what is refused come from here.
 */
final class Possibilities {
  private Circumstances circumstances = Circumstances.NONE;

  /** Says what later rooms know. While the program is put together. */
  void under(Circumstances known) {
    circumstances = known;
  }

  Circumstances circumstances() {
    return circumstances;
  }

  /** Refuses a command by the subscription's own state, and by what unpaid invoices make of it. */
  void check(Transaction tx, Subscription before, Command command) {
    var standings = circumstances.standings(tx, List.of(before));
    Transitions.check(before, standings.get(before.id()), command, () -> words(tx, before));
  }

  /** A refusal for a subscription's state: 409, with the state and what is possible in it. */
  Problem conflict(Transaction tx, Subscription subscription, String detail) {
    return Transitions.conflict(subscription, detail, words(tx, subscription));
  }

  /** The commands that would not be refused for its state, as the API writes them. */
  List<String> words(Transaction tx, Subscription subscription) {
    return Objects.requireNonNull(words(tx, List.of(subscription)).get(subscription.id()));
  }

  /** As {@link #words(Transaction, Subscription)} for several, by id, with a few queries. */
  Map<String, List<String>> words(Transaction tx, Collection<Subscription> subscriptions) {
    List<Subscription> over =
        subscriptions.stream().filter(subscription -> subscription.state().isOver()).toList();
    Set<String> replaced = over.isEmpty() ? Set.of() : SubscriptionStore.replaced(tx, over);
    var standings = circumstances.standings(tx, subscriptions);
    Map<String, List<String>> words = new HashMap<>();
    for (Subscription each : subscriptions) {
      Set<Command> possible = Transitions.possible(each, standings.get(each.id()));
      if (replaced.contains(each.id())) {
        possible.remove(Command.REACTIVATE);
      }
      words.put(each.id(), Transitions.words(possible));
    }
    return words;
  }
}
