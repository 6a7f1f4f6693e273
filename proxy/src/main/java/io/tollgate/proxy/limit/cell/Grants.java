package io.tollgate.proxy.limit.cell;

/** How many units one line of a request gets, and what is said beside. Lives for one line. */
final class Grants {
  /** A spent rate is asked for again after so much refill, not for each single unit. */
  private static final long CHUNK_MILLIS = 20;

  private static final long HOUR_MILLIS = 3_600_000;

  private static final long QUOTA_RETRY_MILLIS = 500;
  private static final long PERMIT_RETRY_MILLIS = 20;
  private static final long BLOCK_RETRY_MILLIS = 10;

  private final CounterCell cell;
  private final LeaseRequest request;
  private final Owner owner;
  private final LeaseRequest.Item item;
  private final LimitDefinition definition;
  private final long now;
  private final long nodes;

  /** Units beyond the limit that pass with a warning. */
  private final long buffer;

  /** Whether it warns only, for its grace days. */
  private final boolean onlyWarns;

  /** Units left within the limit; negative when it was passed. */
  private final long within;

  /** Units that may be handed out now. */
  private final long usable;

  /** Units for nodes that wait longer than this one. */
  private final long reserved;

  /** Units for nodes that wait. */
  private final long awaited;

  /** Units until something is to be refused or announced. */
  private final long ahead;

  private String placed = "";
  private long placedUnits;
  private long granted;
  private boolean over;
  private boolean refused;

  Grants(CounterCell cell, LeaseRequest request, LeaseRequest.Item item, Owner owner, long now) {
    this.cell = cell;
    this.request = request;
    this.owner = owner;
    this.item = item;
    this.definition = cell.definition();
    this.now = now;
    this.nodes = Math.max(1, owner.nodes());
    this.within = cell.within();
    long beyond = definition.beyondSize(cell.inGrace(now));
    this.onlyWarns = beyond == LimitDefinition.MOST;
    this.buffer = onlyWarns ? 0 : beyond;
    this.ahead = ahead();
    this.reserved = definition.waitsForRoot() ? cell.unserved().before(request, now) : 0;
    this.awaited = definition.waitsForRoot() ? cell.unserved().besides(request) : 0;
    if (definition.waitsForRoot()) {
      // What the root granted to others counts here too: a block that came in grace, or before the
      // amount was lowered, is not handed out beyond the amount.
      long hard =
          onlyWarns
              ? LimitDefinition.MOST
              : definition.amount() + buffer - cell.taken() - cell.pool().elsewhere();
      long inPool = cell.pool().units() - cell.taken();
      this.usable = Math.max(0, Math.min(hard, inPool) - reserved);
      long most = cell.doubtsRoot() ? hard + cell.pool().elsewhere() : hard;
      order(most, inPool, item.need() + awaited);
    } else if (learns()) {
      this.usable = 0;
    } else if (definition.kind() == Kind.CONCURRENCY) {
      this.usable = cell.permitsFor(request, now);
    } else {
      this.usable = Math.max(0, within + buffer);
    }
  }

  /** Whether it is not known how many permits nodes hold that this cell has not heard of. */
  private boolean learns() {
    return definition.kind() == Kind.CONCURRENCY && owner.isLearning();
  }

  LeaseReply.Grant grant(Holding holding) {
    decide(smallPart() - holding.outstanding());
    if (definition.rooted() && definition.beyond()) {
      // Nobody waits for it: the root shall know what was used, should all cells be lost.
      order(LimitDefinition.MOST, cell.pool().units() - cell.taken() - granted, 0);
    }
    if (definition.waitsForRoot() || definition.kind() == Kind.CONCURRENCY) {
      queueUp(holding);
    }
    long ttl = ttlMillis(holding.outstanding() + granted);
    if (definition.kind() == Kind.RATE) {
      cell.bucket().take(Math.min(granted, usable));
    }
    // A quota's units for calls that wait are spent when they arrive; saying so now saves a report.
    // A rate's stay in the bucket's count until the node has said that they are gone.
    long sold = definition.kind() == Kind.QUOTA ? Math.min(granted, item.need()) : 0;
    // The owner waits an eighth longer than told, the node an eighth less: drifting clocks agree.
    // Nor does it go back on what it told before: an answer that says less may never arrive.
    long told = holding.outstanding() > 0 ? holding.expiresAt() : 0;
    Holding after = holding.grantedMore(granted, sold, Math.max(told, now + ttl + ttl / 8 + 1));
    cell.put(after);
    if (over) {
      cell.passed(now);
    }
    giveBack(after);
    long used = cell.used();
    alert(used);
    return new LeaseReply.Grant(
        granted,
        refused,
        over,
        Math.max(0, within - granted),
        cell.elsewhere(after),
        cell.windowStart(),
        cell.endsByItself() ? Math.min(ttl, cell.millisToEnd(now)) : ttl,
        resetMillis(),
        refused ? retryMillis() : 0,
        placed,
        placedUnits,
        isAwaited(),
        cell.alerts().unknown(),
        used,
        definition.size(),
        cell.leftover(),
        over && definition.kind() == Kind.RATE ? now - now % HOUR_MILLIS : CounterState.NO_WINDOW);
  }

  private void queueUp(Holding holding) {
    if (item.need() == 0) {
      return;
    }
    boolean waits = refused && (isAwaited() || cell.lacksPermits(request, holding));
    if (granted > 0 || !waits) {
      // Who got something is at the end of the row: its calls that wait now came later.
      cell.unserved().served(request);
    }
    if (waits) {
      cell.unserved().waits(request, item.need() - granted, now);
    }
  }

  /** Whether a refusal is not final. */
  private boolean isAwaited() {
    return cell.pool().awaits() || reserved > 0 || learns();
  }

  /** With {@code lasting} units at most the lease is a small part of what is left. */
  private void decide(long lasting) {
    long need = item.need();
    long want = Math.max(item.want(), need);
    if (usable >= need) {
      long more = Math.min(want - need, share(need));
      long ample = Math.min(item.ample(), lasting) - need;
      long spare = Math.max(0, usable + reserved - awaited - need);
      granted = need + Math.min(Math.max(more, ample), Math.min(spare, usable - need));
      over = need > Math.max(0, within);
    } else if (definition.beyond() || (!definition.rooted() && onlyWarns)) {
      granted = want;
      over = true;
    } else {
      refused = true;
      granted = usable >= Math.max(1, item.least()) ? usable : 0;
      over = granted > Math.max(0, within);
    }
  }

  /**
   * Units beyond the need: within the limit only, and of a quota at most remaining / (2 x nodes),
   * which is none near the limit. A rate that is nearly spent gives all it has to who asks, since
   * the next refill is another node's; but of a bucket that is soon full no more than a quarter of
   * a node's part: units that wait with a slow node for its next calls keep it from refilling.
   */
  private long share(long need) {
    long room = Math.max(0, within - need);
    return switch (definition.kind()) {
      case RATE -> {
        long chunk = Math.min(cell.bucket().refillOf(CHUNK_MILLIS), definition.burst() / 4 / nodes);
        yield Math.max(room / nodes, Math.min(room, chunk));
      }
      case QUOTA, CONCURRENCY -> room / (2 * nodes);
    };
  }

  /** So many units that a lease of them may last. */
  private long smallPart() {
    return definition.kind() == Kind.CONCURRENCY
        ? 0
        : Math.max(0, ahead) / (definition.smallPart() * nodes);
  }

  /** Units until the limit or the next threshold to announce, whichever comes first. */
  private long ahead() {
    long ahead = within;
    for (int percent : definition.alertPercents()) {
      if (!cell.alerts().due().contains(percent)) {
        ahead = Math.min(ahead, threshold(percent) - definition.amount() + within);
      }
    }
    return ahead;
  }

  private void order(long hard, long inPool, long need) {
    // What the pool holds is what a lost cluster loses: at most an eighth of what is left.
    long left =
        definition.beyond()
            ? Math.max(definition.amount(), cell.taken())
            : cell.isPassed() ? definition.amount() : within + buffer;
    boolean isShort = inPool < need;
    // The first unit past an amount begins its grace: it is ordered when a call needs it.
    boolean begins = definition.waitsForRoot() && cell.inGrace(now) && !cell.isPassed();
    long most = begins ? Math.min(hard, within) : hard;
    boolean isLow = inPool < Math.min(4 * item.want(), left / 16) && inPool < most;
    if (inPool >= hard
        || !(isShort || isLow)
        || (item.need() + item.want() == 0 && inPool >= 0)
        || !cell.pool().mayOrder(now)) {
      return;
    }
    long room = left / 8 - Math.max(0, inPool);
    long some = Math.min(16 * item.want(), room);
    long many = Math.min(Math.min(16 * item.ample(), left / 64), room);
    long ample = Math.min(most - inPool, Math.max(1, Math.max(some, many)));
    long units = Math.min(hard - inPool, Math.max(need - inPool, ample));
    if (!cell.pool().awaits()) {
      cell.ordered(now);
    }
    cell.pool(cell.pool().ordered(orderId(), units, now));
    placed = cell.pool().order();
    placedUnits = cell.pool().orderUnits();
  }

  /**
   * Who leaves last gives the root what no node was granted of its blocks, and who falls silent
   * last where it was paid ahead. The cell has forgotten it before anybody hears of it: on its way
   * it may be lost, but never be there twice.
   */
  private void giveBack(Holding leaving) {
    long spare = cell.pool().units() - cell.taken();
    boolean isSilent = definition.paidAhead() && item.need() + item.want() == 0;
    if ((request.leaves() || isSilent)
        && definition.rooted()
        && !cell.pool().awaits()
        && leaving.outstanding() + cell.elsewhere(leaving) == 0
        && spare > 0) {
      cell.pool(cell.pool().without(spare));
      cell.gaveBack(now);
      placed = orderId();
      placedUnits = -spare;
    }
  }

  /**
   * Unique for ever, also where the same request comes to two cells: repeated after the first was
   * lost, or to the other side of a split. Two orders under one id would be one block handed out
   * twice.
   */
  private String orderId() {
    return String.join(
        ":",
        owner.id(),
        Long.toHexString(now),
        request.node(),
        Long.toHexString(request.incarnation()),
        Long.toString(request.sequence()),
        definition.limit(),
        item.counter());
  }

  private long ttlMillis(long out) {
    return switch (definition.kind()) {
      case CONCURRENCY -> definition.ttlMillis();
      case RATE, QUOTA ->
          out <= smallPart()
              ? request.leaseTtlMillis() * LeaseRequest.LASTING
              : request.leaseTtlMillis();
    };
  }

  private long resetMillis() {
    return switch (definition.kind()) {
      case RATE -> cell.bucket().millisUntilFull();
      case QUOTA -> {
        long end = cell.millisToEnd(now);
        yield end == Long.MAX_VALUE ? -1 : end;
      }
      case CONCURRENCY -> -1;
    };
  }

  private long retryMillis() {
    if (isAwaited()) {
      return BLOCK_RETRY_MILLIS;
    }
    return switch (definition.kind()) {
      case RATE -> {
        long least = Math.max(1, item.least()) - buffer;
        long chunk = definition.burst() * definition.perMillis() / definition.amount() / 4;
        yield Math.max(cell.bucket().millisUntil(least), Math.min(CHUNK_MILLIS, chunk));
      }
      case QUOTA -> Math.min(QUOTA_RETRY_MILLIS, Math.max(1, cell.millisToEnd(now)));
      case CONCURRENCY -> PERMIT_RETRY_MILLIS;
    };
  }

  /** Thresholds that spent units passed. What is leased but not spent does not alert anyone yet. */
  private void alert(long used) {
    if (definition.kind() != Kind.QUOTA) {
      return;
    }
    for (int percent : definition.alertPercents()) {
      if (definition.amount() > 0 && reaches(used, percent)) {
        cell.alerts(cell.alerts().with(percent));
      }
    }
    if (over) {
      cell.alerts(cell.alerts().with(CellAlerts.OVER));
    }
  }

  private boolean reaches(long used, int percent) {
    return used >= threshold(percent);
  }

  private long threshold(int percent) {
    long whole = definition.amount() / 100 * percent;
    long rest = (definition.amount() % 100 * percent + 99) / 100;
    return whole + rest;
  }
}
