package io.tollgate.controlplane.rating;

import static org.assertj.core.api.Assertions.assertThat;

import io.tollgate.contract.Period;
import io.tollgate.controlplane.catalog.Catalog;
import io.tollgate.controlplane.catalog.CatalogVersion;
import io.tollgate.controlplane.catalog.Cycle;
import io.tollgate.controlplane.catalog.Policies;
import io.tollgate.controlplane.catalog.yaml.CatalogYaml;
import io.tollgate.controlplane.rating.ChangeFees.Charged;
import io.tollgate.controlplane.subscription.Lives;
import io.tollgate.controlplane.subscription.Order;
import io.tollgate.controlplane.subscription.Revision;
import io.tollgate.controlplane.subscription.ScheduledChange.Change;
import io.tollgate.controlplane.subscription.Subscription;
import io.tollgate.controlplane.subscription.SubscriptionItem;
import io.tollgate.controlplane.subscription.SubscriptionState;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;

/**
 * Whatever changes, pauses and goes on, is to end and does or not, and at whatever hour: what is
 * billed is the sum over the days on which something was held, each at its price by the days of the
 * full period; in advance with credits and in arrears alike.
 */
class HeldDaysTest {
  private static final CurrencyUnit EUR = CurrencyUnit.EUR;
  private static final BigDecimal A_LINE = new BigDecimal("0.0101");

  /** Something that happens so many days later at an hour. */
  record Happening(int days, int hour, int what) {}

  record Story(ZoneId zone, LocalDate start, int hour, List<Happening> happenings) {}

  @Provide
  Arbitrary<Story> stories() {
    Arbitrary<Happening> happening =
        Combinators.combine(
                Arbitraries.integers().between(0, 25),
                Arbitraries.integers().between(0, 23),
                Arbitraries.integers().between(0, 11))
            .as(Happening::new);
    return Combinators.combine(
            Arbitraries.of("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata")
                .map(ZoneId::of),
            Arbitraries.integers()
                .between(0, 800)
                .map(days -> LocalDate.of(2026, 1, 1).plusDays(days)),
            Arbitraries.integers().between(0, 23),
            happening.list().ofMinSize(1).ofMaxSize(12))
        .as(Story::new);
  }

  @Property(tries = 500)
  void inArrears_anyChangesAndPauses_isTheSumOverTheDaysHeld(@ForAll("stories") Story story) {
    Life life = new Life(story, "in-arrears", "days");
    life.live();
    life.isWhatWasHeld();
  }

  @Property(tries = 500)
  void inAdvance_anyChangesAndPauses_isTheSumOverTheDaysHeld(@ForAll("stories") Story story) {
    Life life = new Life(story, "in-advance", "days");
    life.live();
    life.isWhatWasHeld();
    life.charged.forEach(
        (item, left) -> assertThat(left.amount().getAmount()).as(item).isNotNegative());
  }

  /** The parts between any instants of a period with pauses are the full period. */
  @Property(tries = 500)
  void share_partsOfAPausedPeriod_areTheFullPeriod(
      @ForAll("stories") Story story, @ForAll Policies.Proration rule) {
    Life life =
        new Life(story, "in-arrears", rule.name().toLowerCase(Locale.ROOT).replace('_', '-'));
    life.live();
    Proration proration = new Proration(rule, story.zone());
    for (Subscription ended : life.periods) {
      Period whole = ended.whole(ended.current());
      long sum = 0;
      Instant from = ended.current().start();
      for (SubscriptionItem item : ended.items()) {
        if (ended.current().contains(item.from()) && item.from().isAfter(from)) {
          sum += part(proration, ended, from, item.from(), whole);
          from = item.from();
        }
      }
      sum += part(proration, ended, from, ended.current().end(), whole);
      if (rule != Policies.Proration.NONE) {
        assertThat(sum).isEqualTo(proration.rest(whole.start(), whole).whole());
      }
    }
  }

  private static long part(
      Proration proration, Subscription of, Instant from, Instant to, Period whole) {
    return proration.share(of.unpaused(from), of.unpaused(to), whole).part();
  }

  /** A subscription lived through, billed by the real functions and counted day by day. */
  private static final class Life {
    private final Story story;
    private final CatalogVersion catalog;
    private final Lives lives;
    private final List<Subscription> periods = new ArrayList<>();
    private final Map<String, Charged> charged = new HashMap<>();
    private final List<LocalDate[]> pauses = new ArrayList<>();
    private BigDecimal held = BigDecimal.ZERO;
    private Money billed = Money.zero(EUR);
    private int lines;
    private Subscription is;

    Life(Story story, String billing, String proration) {
      this.story = story;
      Catalog parsed =
          CatalogYaml.parse(
              "held.yaml",
              """
              catalog: held
              policies: {proration: %s}
              plans:
                a: {billed: %s, prices: {EUR: {monthly: 29.99}}}
                b: {billed: %s, prices: {EUR: {monthly: 61.07}}}
              add-ons:
                s: {billed: %s, plans: all, prices: {EUR: {monthly: 3.33}}}
              """
                  .formatted(proration, billing, billing, billing));
      catalog = new CatalogVersion("held", 1, Instant.EPOCH, parsed);
      Instant at = story.start().atTime(story.hour(), 0).atZone(story.zone()).toInstant();
      Order order =
          new Order(
              "t",
              "held",
              "a",
              1,
              EUR,
              Cycle.MONTHLY,
              story.zone(),
              at,
              null,
              false,
              null,
              Map.of());
      lives = new Lives(catalog);
      is = lives.start(order);
      charge(fees(is).inAdvance(is.current()));
    }

    void live() {
      LocalDateTime at = story.start().atTime(story.hour(), 0);
      for (Happening happening : story.happenings()) {
        LocalDateTime then =
            at.toLocalDate().plusDays(happening.days()).atTime(happening.hour(), 30);
        at = then.isAfter(at) ? then : at.plusMinutes(1);
        Instant now = at.atZone(story.zone()).toInstant();
        turnUpTo(now);
        happens(happening.what(), now);
      }
      LocalDateTime end = at.plusDays(3);
      Instant now = end.atZone(story.zone()).toInstant();
      turnUpTo(now);
      if (!is.state().isOver()) {
        step(lives.cancel(is, now));
      }
    }

    private void turnUpTo(Instant now) {
      while (!next().isAfter(now)) {
        if (next().equals(is.cancelAt())) {
          step(lives.end(is));
          return;
        }
        Subscription before = is;
        is = lives.turn(before);
        ended(before, before.current());
        charged.clear();
        charge(fees(is).inAdvance(is.current()));
      }
    }

    /** When something happens by itself: a period's end, unless it stands still, or a known end. */
    private Instant next() {
      Instant known = Objects.requireNonNullElse(is.cancelAt(), Instant.MAX);
      Instant end =
          is.state() instanceof SubscriptionState.Active ? is.current().end() : Instant.MAX;
      return known.isBefore(end) ? known : end;
    }

    private void happens(int what, Instant now) {
      if (is.state().isOver()) {
        return;
      }
      if (is.state() instanceof SubscriptionState.Paused paused) {
        pauses.add(new LocalDate[] {day(paused.since()), day(now)});
        is = lives.resume(is, now);
        return;
      }
      SubscriptionItem plan = is.planAt(now).orElseThrow();
      switch (what) {
        case 0, 1, 2 -> pause(now);
        case 3 ->
            change(new Change.ToPlan(plan.key().equals("a") ? "b" : "a", 2, is.cycle(), null), now);
        case 4 -> change(new Change.ToPlan(plan.key(), plan.quantity() + 1, is.cycle(), null), now);
        case 5 -> change(new Change.ToAddOn("s", seats(now) + 2), now);
        case 6 -> {
          if (seats(now) > 0) {
            change(new Change.ToAddOn("s", seats(now) - 1), now);
          }
        }
        case 7, 8, 9 -> is = lives.cancelAt(is, now.plus(Duration.ofDays(17L * what - 110)), now);
        case 10 -> is = is.cancelAt() == null ? is : lives.undoCancel(is, now);
        default -> {
          // Time passes.
        }
      }
    }

    /** Of a period's last hours no day is left to be moved; they are moved by the hour. */
    private void pause(Instant now) {
      if (day(now).isBefore(day(is.current().end()))) {
        is = lives.pause(is, now);
      }
    }

    private int seats(Instant now) {
      return is.addOnsAt(now).stream().mapToInt(SubscriptionItem::quantity).sum();
    }

    private void change(Change change, Instant now) {
      step(lives.change(is, change, now));
    }

    private void step(Revision revision) {
      Subscription before = is;
      is = revision.after();
      Instant at = revision.at();
      List<PricedLine> changed = new ChangeFees(fees(before), fees(is), at).lines(charged::get);
      for (PricedLine line : changed) {
        if (line.amount().isNegative()) {
          bill(line);
          charged.computeIfPresent(
              line.item(),
              (item, was) -> new Charged(was.amount().plus(line.amount()), was.period()));
        }
      }
      charge(changed.stream().filter(line -> line.amount().isPositive()).toList());
      if (is.state().isOver() && before.current().start().isBefore(at)) {
        // What ended before the end is in the items after it.
        ended(before, new Period(before.current().start(), at), is.items());
      }
    }

    private void charge(List<PricedLine> fees) {
      for (PricedLine line : fees) {
        bill(line);
        charged.put(line.item(), new Charged(line.amount(), line.period()));
      }
    }

    private void bill(PricedLine line) {
      billed = billed.plus(line.amount());
      lines++;
    }

    private void ended(Subscription before, Period period) {
      ended(before, period, before.items());
      periods.add(before);
    }

    private void ended(Subscription before, Period period, List<SubscriptionItem> items) {
      for (SubscriptionItem item : before.items()) {
        Optional<SubscriptionItem> late =
            fees(before).isInArrears(item) ? Optional.of(item) : fees(before).beyondCharge(item);
        late.flatMap(held -> fees(before).inArrears(held, period)).ifPresent(this::bill);
      }
      count(before, period, items);
    }

    /** Day by day: who holds a day at its end has it, unless it stood still from that day on. */
    private void count(Subscription before, Period period, List<SubscriptionItem> items) {
      Period whole = before.whole(before.current());
      long days = day(whole.end()).toEpochDay() - day(whole.start()).toEpochDay();
      for (LocalDate day = day(period.start());
          day.isBefore(day(period.end()));
          day = day.plusDays(1)) {
        LocalDate of = day;
        boolean still =
            pauses.stream().anyMatch(pause -> !of.isBefore(pause[0]) && of.isBefore(pause[1]))
                || (before.state() instanceof SubscriptionState.Paused paused
                    && !of.isBefore(day(paused.since())));
        if (still) {
          continue;
        }
        for (SubscriptionItem item : items) {
          LocalDate until = item.until() == null ? LocalDate.MAX : day(item.until());
          boolean has = !of.isBefore(day(item.from())) && of.isBefore(until);
          if (has) {
            held =
                held.add(
                    price(item)
                        .multiply(BigDecimal.valueOf(item.quantity()))
                        .divide(BigDecimal.valueOf(days), 12, RoundingMode.HALF_UP));
          }
        }
      }
    }

    private static BigDecimal price(SubscriptionItem item) {
      return new BigDecimal(
          switch (item.key()) {
            case "a" -> "29.99";
            case "b" -> "61.07";
            default -> "3.33";
          });
    }

    void isWhatWasHeld() {
      BigDecimal tolerance = A_LINE.multiply(BigDecimal.valueOf(lines + 1L));
      assertThat(billed.getAmount().subtract(held).abs())
          .as("%s billed, %s held, %s lines", billed, held, lines)
          .isLessThanOrEqualTo(tolerance);
    }

    private Fees fees(Subscription of) {
      return new Fees(catalog.catalog(), of);
    }

    private LocalDate day(Instant instant) {
      return LocalDate.ofInstant(instant, story.zone());
    }
  }
}
