package io.tollgate.proxy.limit;

import io.tollgate.proxy.limit.cell.CellFigures;
import io.tollgate.proxy.limit.cell.CounterName;
import io.tollgate.proxy.limit.cell.CounterState;
import io.tollgate.proxy.limit.cell.LeaseReply;
import io.tollgate.proxy.limit.cell.LeaseRequest;
import io.tollgate.proxy.limit.cell.Owner;
import io.tollgate.proxy.limit.cell.TenantCell;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Cells at hand: each request is answered before {@code lease} returns. Time is set by hand. */
public final class DirectStore implements LimitStore, Owner {
  private final Map<String, TenantCell> cells = new HashMap<>();
  private final Map<String, Long> keepUntil = new HashMap<>();
  private long millis;
  private boolean down;
  private boolean holding;
  private boolean learning;
  private final List<Runnable> held = new ArrayList<>();
  private long requests;
  private long incarnation = 1;

  public DirectStore(long epochMillis) {
    millis = epochMillis;
  }

  public void advance(long byMillis) {
    millis += byMillis;
  }

  public void down(boolean isDown) {
    down = isDown;
  }

  /** Answers are on their way from now on. */
  void hold() {
    holding = true;
  }

  /** They arrive, and later ones at once. */
  void release() {
    holding = false;
    held.forEach(Runnable::run);
    held.clear();
  }

  /** Whether cells were lost a moment ago, as far as their owner knows. */
  void learning(boolean isLearning) {
    learning = isLearning;
  }

  /** All cells are gone; the node goes on. */
  void lose() {
    cells.clear();
  }

  /** The node dies and begins anew; the cells are still there. */
  void begin(long anew) {
    incarnation = anew;
  }

  /** All cells are gone, and the node begins anew, as when the only proxy is started again. */
  void restart() {
    lose();
    incarnation++;
  }

  public long requests() {
    return requests;
  }

  public long nanos() {
    return millis * 1_000_000;
  }

  CounterState counter(String tenant, String limit) {
    return Objects.requireNonNull(cells.get(tenant)).state().counters().stream()
        .filter(counter -> counter.definition().limit().equals(limit))
        .findFirst()
        .orElseThrow();
  }

  int counters(String tenant) {
    return Objects.requireNonNull(cells.get(tenant)).state().counters().size();
  }

  private long keepUntil(TenantCell cell) {
    return cell.keepMillis() == Long.MAX_VALUE ? Long.MAX_VALUE : millis + cell.keepMillis();
  }

  /** Drops the cells that need not be remembered, as the cluster does by itself. */
  public void forget() {
    keepUntil.values().removeIf(until -> until < millis);
    cells.keySet().retainAll(keepUntil.keySet());
  }

  /** Counters in all cells. */
  public int counters() {
    return cells.values().stream().mapToInt(cell -> cell.state().counters().size()).sum();
  }

  @Override
  public String node() {
    return "n";
  }

  @Override
  public long incarnation() {
    return incarnation;
  }

  @Override
  public int nodes() {
    return 1;
  }

  @Override
  public void lease(LeaseRequest request, Answer answer) {
    requests++;
    if (down) {
      answer.failed("down");
    } else {
      TenantCell cell = cells.computeIfAbsent(request.tenant(), tenant -> new TenantCell());
      LeaseReply reply = cell.apply(request, this);
      cell.forget();
      keepUntil.put(request.tenant(), keepUntil(cell));
      if (holding) {
        held.add(() -> answer.replied(reply));
      } else {
        answer.replied(reply);
      }
    }
  }

  @Override
  public void recall(String tenant, Set<CounterName> counters, Runnable done) {
    done.run();
  }

  @Override
  public String id() {
    return "o";
  }

  @Override
  public long nowMillis() {
    return millis;
  }

  private final CellFigures figures = new CellFigures();

  @Override
  public CellFigures figures() {
    return figures;
  }

  @Override
  public boolean isLearning() {
    return learning;
  }

  @Override
  public boolean isMember(String id) {
    return id.equals("o");
  }
}
